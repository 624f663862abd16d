// Channels as every introduction to Go uses them: a goroutine on each side, and range over the channel. There is no way
// to take many values at once, so buffered-batches is the same as buffered.
package main

import (
	"fmt"
	"os"
	"syscall"
)

func pingPong(count int) int {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for v := range ping {
			pong <- v + 1
		}
		close(pong)
	}()
	sum := 0
	for i := range count {
		ping <- i
		sum += <-pong
	}
	close(ping)
	<-pong
	return sum
}

func oneByOne(count, capacity int) int {
	ch := make(chan int, capacity)
	go func() {
		for i := range count {
			ch <- i
		}
		close(ch)
	}()
	sum := 0
	for v := range ch {
		sum += v
	}
	return sum
}

func run(name string, count int) {
	want := count * (count - 1) / 2
	got := 0
	switch name {
	case "ping-pong":
		want += count
		got = pingPong(count)
	case "unbuffered":
		got = oneByOne(count, 0)
	case "buffered", "buffered-batches":
		got = oneByOne(count, 128)
	}
	if got != want {
		fmt.Fprintf(os.Stderr, "%q of %d: got %d, want %d\n", name, count, got, want)
		os.Exit(1)
	}
}

// cpuNanoseconds is what the process has used so far, user and system.
func cpuNanoseconds() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func main() {
	name := os.Getenv("CASE")
	const count = 5_000_000
	for _, n := range []int{1, 127, 128, 129, 1000, count} {
		run(name, n)
	}
	before := cpuNanoseconds()
	run(name, count)
	fmt.Printf("{\"value\": %.4f}\n", float64(cpuNanoseconds()-before)/count)
}
