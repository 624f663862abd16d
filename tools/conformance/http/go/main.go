// The same echo as ../server.ts over net/http: the oracle of the rows.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"
)

func echo(w http.ResponseWriter, r *http.Request) {
	target := r.URL.RequestURI()
	if r.Method == "CONNECT" {
		target = r.Host
	}
	say := func(status int, said, body string) {
		line := r.Method + " " + target
		if said != "" {
			line += " " + said
		}
		w.Header().Set("x-echo", line)
		if status == 200 {
			w.Header().Set("content-length", fmt.Sprint(len(body)))
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
	switch r.URL.Path {
	case "/host":
		io.Copy(io.Discard, r.Body)
		say(200, r.Host, "")
		return
	case "/unread":
		say(200, "", "unread")
		return
	case "/204":
		say(204, "", "")
		return
	case "/304":
		say(304, "", "")
		return
	case "/stream":
		w.Header().Set("x-echo", r.Method+" "+target)
		io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		io.WriteString(w, "b")
		return
	case "/after":
		time.Sleep(50 * time.Millisecond)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 65536))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		http.Error(w, "", 413)
		return
	}
	if err != nil {
		http.Error(w, "", 400)
		return
	}
	said := string(body)
	if len(body) > 60 {
		said = fmt.Sprint(len(body), " bytes")
	}
	say(200, strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, said), string(body))
}

func main() {
	log.SetOutput(io.Discard)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	s := &http.Server{
		Handler:           http.HandlerFunc(echo),
		ReadHeaderTimeout: time.Second,
		ReadTimeout:       1500 * time.Millisecond,
		IdleTimeout:       2 * time.Second,
		MaxHeaderBytes:    8192 - 4096, // it adds 4096 by itself
	}
	fmt.Printf("{\"port\":%d}\n", l.Addr().(*net.TCPAddr).Port)
	s.Serve(l)
}
