Attribute VB_Name = "xlwings"
' Stands in for xlwings in the test twin, so that a Calc plays Excel.
' RunPython keeps the command; if PERFEVAL_TWIN_PYTHON names an interpreter, it also starts it as Excel would.
Option Explicit

Public Const XLWINGS_VERSION As String = "twin"

Private mCommand As String
Private mStarts As Long
Private mConnections As Long

Public Function RunPython(PythonCommand As String)
    Dim parameters As String
    mCommand = PythonCommand
    mStarts = mStarts + 1
    If Environ("PERFEVAL_TWIN_PYTHON") <> "" Then
        parameters = "-B -c """ & PythonCommand & """ ""--wb=" & ThisWorkbook.Name & """ --from_xl=1 --hwnd=0"
        Shell Environ("PERFEVAL_TWIN_PYTHON"), 0, parameters, False
    End If
    If Environ("PERFEVAL_TWIN_RAISES") <> "" Then Err.Raise CLng(Environ("PERFEVAL_TWIN_RAISES"))
    If Environ("PERFEVAL_TWIN_FAILS") <> "" Then ShowError PE_LogPath(), Environ("PERFEVAL_TWIN_FAILS")
End Function

Public Function XLPy() As Object
    mConnections = mConnections + 1
    Err.Raise 1000
End Function

Public Function GetConfigFilePath() As String
    GetConfigFilePath = "/bin/sh"
End Function

Public Function GetConfigFromFile(sFile As String, sName As String, Optional sValue As String) As Boolean
    If sName <> "INTERPRETER_WIN" Then Exit Function
    sValue = Environ("PERFEVAL_TWIN_INTERPRETER")
    GetConfigFromFile = True
End Function

Public Function ExpandEnvironmentStrings(ByVal s As String)
    ExpandEnvironmentStrings = s
End Function

Public Function FileExists(ByVal FileSpec As String) As Boolean
    FileExists = (Dir(FileSpec) <> "")
End Function

Public Function ParentFolder(ByVal Folder As String) As String
    ParentFolder = Left(Folder, InStrRev(Folder, "/") - 1)
End Function

Public Function ReadFile(ByVal FileName As String) As String
    ReadFile = ""
End Function

' What the tests ask for.

Public Function TwinCommand() As String
    TwinCommand = mCommand
End Function

Public Function TwinStarts() As Long
    TwinStarts = mStarts
End Function

Public Function TwinConnections() As Long
    TwinConnections = mConnections
End Function
