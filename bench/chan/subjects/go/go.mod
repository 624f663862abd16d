module millrace/bench/chan

go 1.24
