Attribute VB_Name = "PE_Settings"
' What stands on hidden sheets of this workbook: texts, and settings, which may also stand in the user's own file.
Option Explicit

Private Const SETTINGS_SHEET As String = "xlwings.conf"
Private Const TEXTS_SHEET As String = "PE_Texts"
Private Const MOST_ROWS As Long = 100

' A text by its key; the key itself where somebody has deleted the sheet.
Public Function PE_Text(key As String) As String
    PE_Text = Entry(TEXTS_SHEET, key)
    If PE_Text = "" Then PE_Text = "perfeval-xl: " & key
End Function

' A setting, as xlwings asks for it. Nothing beside the workbook is read: whoever sends a workbook must not choose what is started.
Public Function GetConfig(configKey As String, Optional default As String = "") As Variant
    Dim found As String
    found = Entry(SETTINGS_SHEET, configKey)
    If found = "" And FileExists(GetConfigFilePath()) Then
        If Not GetConfigFromFile(GetConfigFilePath(), configKey, found) Then found = ""
    End If
    If found = "" Then found = default
    GetConfig = ExpandEnvironmentStrings(found)
End Function

Private Function Entry(sheetName As String, key As String) As String
    Dim page As Object
    Dim row As Long
    For Each page In ThisWorkbook.Sheets
        If page.Name = sheetName Then
            For row = 1 To MOST_ROWS
                If LCase(page.Cells(row, 1).Value) = LCase(key) Then
                    Entry = page.Cells(row, 2).Value
                    Exit Function
                End If
            Next row
        End If
    Next page
End Function
