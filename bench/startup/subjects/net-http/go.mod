module millrace/bench/startup

go 1.22
