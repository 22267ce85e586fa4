"""The editor of Office packages: named parts change, all others stay byte for byte."""
