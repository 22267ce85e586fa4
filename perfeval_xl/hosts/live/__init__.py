"""An open workbook in Excel or LibreOffice: read in few calls, marked, corrected."""
