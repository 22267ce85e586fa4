Attribute VB_Name = "PE_System"
' What depends on the system Excel runs on.
Option Explicit

' Which office this is: "excel", "wps" or "calc". LibreOffice says that it is Excel, of version 11, and has no folder.
Public Function PE_Office() As String
    Dim told As String
    On Error Resume Next
    told = LCase(Application.Name & "|" & Application.Path)
    PE_Office = "excel"
    If Val(Application.Version) < 12 And InStr(told, "\") = 0 And InStr(told, "/") = 0 Then PE_Office = "calc"
    If InStr(told, "wps") > 0 Or InStr(told, "kingsoft") > 0 Or InStr(told, "office6") > 0 Then PE_Office = "wps"
End Function

' Shows one text. Windows' own box shows Chinese on any Windows; MsgBox only on a Chinese one.
Public Sub PE_Popup(text As String)
    #If Mac Then
        MsgBox text, vbExclamation, PE_Text("title")
    #Else
        If PE_Office() = "calc" Then
            MsgBox text, vbExclamation, PE_Text("title")
        Else
            WScript.Popup text, 0, PE_Text("title"), 48 + 4096
        End If
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

' Where a start that fails leaves what it has said; a file for each window, since two may start something at once.
Public Function PE_LogPath() As String
    #If Mac Then
        PE_LogPath = Environ("HOME") & "/xlwings.log"
    #Else
        PE_LogPath = Environ("TEMP") & "\perfeval-xl-" & Application.Hwnd & ".log"
    #End If
End Function
