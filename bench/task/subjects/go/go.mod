module millrace/bench/task

go 1.22
