Attribute VB_Name = "PE_System"
' Stands in for PE_System in the test twin: keeps what would be shown.
Option Explicit

Private mShown As String

Public Function PE_Office() As String
    PE_Office = Environ("PERFEVAL_TWIN_OFFICE")
    If PE_Office = "" Then PE_Office = "excel"
End Function

Public Sub PE_Popup(text As String)
    mShown = text
End Sub

Public Function TwinShown() As String
    TwinShown = mShown
    mShown = ""
End Function

Public Function PE_InterpreterKey() As String
    PE_InterpreterKey = "INTERPRETER_WIN"
End Function

Public Function PE_ReportsLate() As Boolean
    PE_ReportsLate = False
End Function

Public Function PE_HasServer() As Boolean
    PE_HasServer = True
End Function

Public Function PE_LibraryName() As String
    PE_LibraryName = ""
End Function

Public Function PE_LogPath() As String
    PE_LogPath = Environ("PERFEVAL_TWIN_LOG")
End Function
