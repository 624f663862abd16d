module millrace/bench/http

go 1.24
