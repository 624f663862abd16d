module millrace/bench/select

go 1.24
