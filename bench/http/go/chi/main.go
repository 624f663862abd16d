// The same service over chi, with its own middleware where it has some. CASE is "bare" or "full-stack".
package main

import (
	"bufio"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/cors"
	"github.com/go-chi/httprate"
)

const token = "bench-token-0123456789abcdef"

type user struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func getUser(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(user{ID: chi.URLParam(r, "id"), Name: "John"})
	if err != nil {
		http.Error(w, "internal", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
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

// What chi has no middleware for: the access line, the security headers, the body's limit and the bearer check.
func accessLog(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			begin := time.Now()
			w := middleware.NewWrapResponseWriter(rw, r.ProtoMajor)
			w.Header().Set("X-Request-Id", middleware.GetReqID(r.Context()))
			next.ServeHTTP(w, r)
			log.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("request_id", middleware.GetReqID(r.Context())), slog.String("method", r.Method),
				slog.String("path", r.URL.Path), slog.String("route", chi.RouteContext(r.Context()).RoutePattern()),
				slog.Int("status", w.Status()), slog.Int("bytes", w.BytesWritten()),
				slog.Float64("duration_ms", float64(time.Since(begin).Microseconds())/1000), slog.String("client_ip", r.RemoteAddr))
		})
	}
}

func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, h := range securityHeaders {
			w.Header().Set(h[0], h[1])
		}
		next.ServeHTTP(w, r)
	})
}

func bearer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || subtle.ConstantTimeCompare([]byte(given), []byte(token)) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func main() {
	mux := chi.NewRouter()
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
		log := slog.New(slog.NewJSONHandler(bufio.NewWriterSize(file, 16*1024), nil))
		mux.Use(middleware.RequestID, middleware.RealIP, accessLog(log), middleware.Recoverer)
		mux.Use(middleware.Timeout(30*time.Second), cors.Handler(cors.Options{AllowedOrigins: []string{"https://app.example.com"}}))
		mux.Use(secure, middleware.RequestSize(1<<20), httprate.LimitByIP(1_000_000_000, time.Minute), bearer)
	}
	mux.Get("/users/{id}", getUser)
	port := os.Getenv("PORT")
	if port == "" {
		port = "0"
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		panic(err)
	}
	fmt.Printf("{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 75 * time.Second}
	panic(server.Serve(listener))
}
