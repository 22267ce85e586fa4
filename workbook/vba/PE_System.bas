Attribute VB_Name = "PE_System"
' What depends on the system Excel runs on.
Option Explicit

' Shows one text. Windows' own box shows Chinese on any Windows; MsgBox only on a Chinese one.
Public Sub PE_Popup(text As String)
    #If Mac Then
        MsgBox text, vbExclamation, PE_Text("title")
    #Else
        WScript.Popup text, 0, PE_Text("title"), 48 + 4096
    #End If
End Sub

' The key under which xlwings keeps where Python is.
Public Function PE_InterpreterKey() As String
    #If Mac Then
        PE_InterpreterKey = "INTERPRETER_MAC"
    #Else
        PE_InterpreterKey = "INTERPRETER_WIN"
    #End If
End Function

' Whether RunPython comes back before Python has ended.
Public Function PE_ReportsLate() As Boolean
    #If Mac Then
        PE_ReportsLate = True
    #Else
        PE_ReportsLate = False
    #End If
End Function

' Whether xlwings can keep a Python running that Excel talks to.
Public Function PE_HasServer() As Boolean
    #If Mac Then
        PE_HasServer = False
    #Else
        PE_HasServer = True
    #End If
End Function

' The library that xlwings of this version brings; "" where there is none.
Public Function PE_LibraryName() As String
    #If Mac Then
        PE_LibraryName = ""
    #ElseIf Win64 Then
        PE_LibraryName = "xlwings64-" & XLWINGS_VERSION & ".dll"
    #Else
        PE_LibraryName = "xlwings32-" & XLWINGS_VERSION & ".dll"
    #End If
End Function

Public Function PE_LogPath() As String
    #If Mac Then
        PE_LogPath = Environ("HOME") & "/perfeval-xl.log"
    #Else
        PE_LogPath = Environ("TEMP") & "\perfeval-xl.log"
    #End If
End Function
