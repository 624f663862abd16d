// The same service over net/http and the standard library alone. CASE is "bare" or "full-stack".
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const token = "bench-token-0123456789abcdef"

type user struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func getUser(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(user{ID: r.PathValue("id"), Name: "John"})
	if err != nil {
		http.Error(w, "internal", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

type statusWriter struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.bytes += n
	return n, err
}

var securityHeaders = [][2]string{
	{"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Referrer-Policy", "no-referrer"},
	{"Strict-Transport-Security", "max-age=63072000; includeSubDomains"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"X-Permitted-Cross-Domain-Policies", "none"},
	{"Vary", "Origin"},
}

// gcra is the same limiter as Millrace's: one time for each key.
type gcra struct {
	mu      sync.Mutex
	allowed map[string]time.Time
	every   time.Duration
	window  time.Duration
}

func (g *gcra) allow(key string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := g.allowed[key]
	if at.Before(now) {
		at = now
	}
	at = at.Add(g.every)
	if at.Sub(now) > g.window {
		return false
	}
	g.allowed[key] = at
	return true
}

type requestIDKey struct{}

func clientIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	peer, err := netip.ParseAddr(host)
	if forwarded := r.Header.Get("X-Forwarded-For"); err == nil && forwarded != "" && peer.IsLoopback() {
		last := forwarded[strings.LastIndexByte(forwarded, ',')+1:]
		if addr, err := netip.ParseAddr(strings.TrimSpace(last)); err == nil {
			return addr.String()
		}
	}
	return host
}

func fullStack(next http.Handler, log *slog.Logger) http.Handler {
	limiter := &gcra{allowed: map[string]time.Time{}, every: time.Nanosecond, window: time.Minute}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		w := &statusWriter{ResponseWriter: rw, status: http.StatusOK}
		id := r.Header.Get("X-Request-Id")
		if id == "" {
			var random [16]byte
			_, _ = rand.Read(random[:])
			id = hex.EncodeToString(random[:])
		}
		ip := clientIP(r)
		defer func() {
			if recover() != nil {
				http.Error(w, "internal", http.StatusInternalServerError)
			}
			log.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("request_id", id), slog.String("method", r.Method), slog.String("path", r.URL.Path),
				slog.String("route", r.Pattern), slog.Int("status", w.status), slog.Int("bytes", w.bytes),
				slog.Float64("duration_ms", float64(time.Since(begin).Microseconds())/1000), slog.String("client_ip", ip))
		}()
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), requestIDKey{}, id), 30*time.Second)
		defer cancel()
		r = r.WithContext(ctx)
		header := w.Header()
		header.Set("X-Request-Id", id)
		for _, h := range securityHeaders {
			header.Set(h[0], h[1])
		}
		if origin := r.Header.Get("Origin"); origin == "https://app.example.com" {
			header.Set("Access-Control-Allow-Origin", origin)
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		if !limiter.allow(ip, begin) {
			header.Set("Retry-After", "1")
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || subtle.ConstantTimeCompare([]byte(given), []byte(token)) != 1 {
			header.Set("WWW-Authenticate", "Bearer")
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{id}", getUser)
	var handler http.Handler = mux
	if os.Getenv("CASE") == "full-stack" {
		path := os.Getenv("ACCESS_LOG")
		if path == "" {
			path = os.DevNull
		}
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			panic(err)
		}
		// slog's handler holds a lock while it writes, so the buffer needs none.
		handler = fullStack(mux, slog.New(slog.NewJSONHandler(bufio.NewWriterSize(file, 16*1024), nil)))
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "0"
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		panic(err)
	}
	fmt.Printf("{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 75 * time.Second}
	panic(server.Serve(listener))
}
