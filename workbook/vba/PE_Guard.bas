Attribute VB_Name = "PE_Guard"
' Whether Python can be started, and what the clerk is told when it cannot. Texts stand on the sheet PE_Texts.
Option Explicit

Private Const PE_DENIED As Long = 70

Private mFailure As String
Private mDetail As String
Private mPython As Object
Private mUnreachable As Boolean

' True when Python can be started; otherwise the clerk has been told what to do.
Public Function PE_Ready() As Boolean
    Dim problem As String
    mFailure = ""
    mDetail = ""
    problem = PE_Problem()
    If problem = "" And ActiveWorkbook Is Nothing Then problem = "no_workbook"
    If problem <> "" Then PE_Tell problem, ""
    PE_Ready = (problem = "")
End Function

' Says what went wrong in RunPython, if anything did; number is the error that ended it, 0 for none.
' The next press then starts a Python of its own.
Public Sub PE_Report(number As Long)
    If number <> 0 And mFailure = "" Then
        mFailure = "failed"
        If number = PE_DENIED Then mFailure = "blocked"
    End If
    If mFailure = "" Then Exit Sub
    PE_Unreachable
    PE_Tell mFailure, mDetail
    mFailure = ""
End Sub

' Why Python cannot be started here, as a key of the texts; "" when nothing speaks against it.
' Only a Python that was set up is started: a search would also find one that lies beside the workbook.
Public Function PE_Problem() As String
    Dim interpreter As String
    If PE_Office() <> "excel" Then
        PE_Problem = PE_Office()
        Exit Function
    End If
    PE_Problem = "settings"
    On Error GoTo done
    If PE_InCloud(ThisWorkbook.FullName) Then
        PE_Problem = "cloud"
        Exit Function
    End If
    interpreter = GetConfig(PE_InterpreterKey(), "")
    If interpreter = "" And GetConfig("CONDA PATH", "") = "" Then
        PE_Problem = "not_set_up"
    ElseIf interpreter <> "" And Not FileExists(interpreter) Then
        PE_Problem = "python_gone"
    Else
        PE_Problem = ""
    End If
done:
End Function

' A Python that keeps running and answers at once; Nothing where there is none.
' The first failure is remembered for the session, so that nobody waits again.
Public Function PE_Python() As Object
    If mPython Is Nothing And Not mUnreachable And PE_HasServer() Then
        mUnreachable = True
        On Error GoTo done
        If PE_Problem() = "" Then
            Set mPython = XLPy()
            mUnreachable = False
        End If
    End If
done:
    Set PE_Python = mPython
End Function

' To be called when that Python has failed to answer.
Public Sub PE_Unreachable()
    Set mPython = Nothing
    mUnreachable = True
End Sub

' Whether RunPython should use it. Else it starts a Python of its own each time, which works in more places.
Public Function PE_UsesServer() As Boolean
    Dim wanted As Boolean
    wanted = GetConfig("USE UDF SERVER", True)
    If wanted Then PE_UsesServer = Not PE_Python() Is Nothing
End Function

Private Function PE_InCloud(path As String) As Boolean
    PE_InCloud = (InStr(path, "://") > 0)
End Function

' xlwings calls this after a failure, in place of its own sub of this name, which shows a traceback. What was said stays in the
' file it was written to; what a Python that keeps running has said stands in the log of that.
Public Sub ShowError(FileName As String, Optional Message As String = "")
    Dim log As String
    log = Message
    On Error Resume Next
    If log = "" Then log = ReadFile(FileName)
    On Error GoTo 0
    mFailure = PE_Cause(log)
    mDetail = FileName
    If PE_ReportsLate() Then PE_Report 0
End Sub

' What a failed start most likely means, as a key of the texts.
Public Function PE_Cause(log As String) As String
    If InStr(log, "No module named") > 0 Or InStr(log, "cannot import name") > 0 Then
        PE_Cause = "not_installed"
    ElseIf InStr(log, "has no attribute") > 0 Or Not PE_SameVersion() Then
        PE_Cause = "version"
    Else
        PE_Cause = "failed"
    End If
End Function

' Whether the library that belongs to these macros lies where xlwings puts it: beside Python or one folder up.
Private Function PE_SameVersion() As Boolean
    Dim folder As String
    PE_SameVersion = True
    On Error Resume Next
    folder = ParentFolder(GetConfig(PE_InterpreterKey(), ""))
    If Err.Number <> 0 Or PE_LibraryName() = "" Then Exit Function
    PE_SameVersion = FileExists(folder & "\" & PE_LibraryName()) Or _
                     FileExists(ParentFolder(folder) & "\" & PE_LibraryName())
End Function

Private Sub PE_Tell(key As String, detail As String)
    Dim text As String
    text = PE_Text(key)
    If detail <> "" Then text = text & vbCrLf & PE_Text("log") & detail
    PE_Popup text
End Sub
