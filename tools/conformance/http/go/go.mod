module millrace/conformance

go 1.24
