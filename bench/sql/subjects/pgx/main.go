// pgx as its documentation says: a pgxpool of 10, statements prepared by its own cache, CopyFrom for COPY.
// PIPELINED says how 16 selects at a time go over each of four connections, which is as many in flight as the others have:
// "batch" as a pgx.Batch, whose statements commit or fail together, "sync" in its pipeline mode with a Sync behind each, so
// that each is on its own, as statements of callers that know nothing of each other must be.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	selectOne = "select id, name from users where id = $1"
	list      = "select id, email, name, balance, active, created_at from users where id > $1 order by id limit 20"
	insert    = "insert into events (user_id, kind, body) values ($1, $2, $3) returning id"
	move      = "update accounts set balance = balance + $2 where id = $1 returning balance"
	copied    = 50_000
	batchSize = 16
)

type kernel struct {
	count, callers, weight int
	// one does the operations from n to n+weight-1 in the case of a batch, else the nth, and proves its answer.
	one func(ctx context.Context, n, caller int) error
}

type user struct {
	ID        int
	Email     string
	Name      string
	Balance   string
	Active    bool
	CreatedAt time.Time
}

func idOf(n int) int { return 1 + (n*7919)%100_000 }

func checkUser(id int, wantID int, name string) error {
	if id != wantID || name != fmt.Sprintf("user %d", wantID) {
		return fmt.Errorf("select %d: %d %s", wantID, id, name)
	}
	return nil
}

func selectBatch(ctx context.Context, pool *pgxpool.Pool, n int) error {
	batch := &pgx.Batch{}
	for i := range batchSize {
		batch.Queue(selectOne, idOf(n*batchSize+i))
	}
	results := pool.SendBatch(ctx, batch)
	defer results.Close()
	for i := range batchSize {
		var id int
		var name string
		if err := results.QueryRow().Scan(&id, &name); err != nil {
			return err
		}
		if err := checkUser(id, idOf(n*batchSize+i), name); err != nil {
			return err
		}
	}
	return nil
}

func selectPipeline(ctx context.Context, conn *pgx.Conn, n int) error {
	// Known after the first time: then it is a look into a map.
	prepared, err := conn.Prepare(ctx, "point_select", selectOne)
	if err != nil {
		return err
	}
	pipeline := conn.PgConn().StartPipeline(ctx)
	for i := range batchSize {
		id := strconv.AppendInt(nil, int64(idOf(n*batchSize+i)), 10)
		pipeline.SendQueryPrepared(prepared.Name, [][]byte{id}, nil, nil)
		pipeline.SendPipelineSync()
	}
	if err := pipeline.Flush(); err != nil {
		return err
	}
	for i := range batchSize {
		rows, err := pipeline.GetResults()
		if err != nil {
			return err
		}
		reader := rows.(*pgconn.ResultReader)
		for reader.NextRow() {
			values := reader.Values()
			id, err := strconv.Atoi(string(values[0]))
			if err != nil {
				return err
			}
			if err := checkUser(id, idOf(n*batchSize+i), string(values[1])); err != nil {
				return err
			}
		}
		if _, err := reader.Close(); err != nil {
			return err
		}
		// The end of the statement's own Sync.
		if _, err := pipeline.GetResults(); err != nil {
			return err
		}
	}
	return pipeline.Close()
}

func kernels(pool *pgxpool.Pool, pipelined string) map[string]kernel {
	pointSelect := kernel{60_000, 64, 1, func(ctx context.Context, n, _ int) error {
		var id int
		var name string
		if err := pool.QueryRow(ctx, selectOne, idOf(n)).Scan(&id, &name); err != nil {
			return err
		}
		return checkUser(id, idOf(n), name)
	}}
	switch pipelined {
	case "batch":
		pointSelect = kernel{60_000 / batchSize, 4, batchSize, func(ctx context.Context, n, _ int) error {
			return selectBatch(ctx, pool, n)
		}}
	case "sync":
		pointSelect = kernel{60_000 / batchSize, 4, batchSize, func(ctx context.Context, n, _ int) error {
			return pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error { return selectPipeline(ctx, conn.Conn(), n) })
		}}
	}
	return map[string]kernel{
		"point-select-64":           pointSelect,
		"point-select-64-pipelined": pointSelect,
		"insert": {30_000, 64, 1, func(ctx context.Context, n, _ int) error {
			var id int64
			err := pool.QueryRow(ctx, insert, n, "signed_up", fmt.Sprintf("body of event %d", n)).Scan(&id)
			if err == nil && id <= 0 {
				return fmt.Errorf("insert: id %d", id)
			}
			return err
		}},
		"list-20": {15_000, 64, 1, func(ctx context.Context, n, _ int) error {
			after := (n * 7919) % 99_000
			rows, err := pool.Query(ctx, list, after)
			if err != nil {
				return err
			}
			users, err := pgx.CollectRows(rows, pgx.RowToStructByPos[user])
			if err != nil {
				return err
			}
			if len(users) != 20 || users[19].Email != fmt.Sprintf("user%d@example.com", after+20) {
				return fmt.Errorf("list after %d", after)
			}
			for i, u := range users {
				if u.ID != after+1+i {
					return fmt.Errorf("list after %d", after)
				}
			}
			return nil
		}},
		"transaction": {6_000, 64, 1, func(ctx context.Context, n, caller int) error {
			return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				var left int64
				if err := tx.QueryRow(ctx, move, 2*caller+1, -1).Scan(&left); err != nil {
					return err
				}
				if left >= 1_000_000 {
					return fmt.Errorf("transfer: %d is left", left)
				}
				if _, err := tx.Exec(ctx, move, 2*caller+2, 1); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, insert, n, "moved", "1")
				return err
			})
		}},
		"copy": {20, 1, copied, func(ctx context.Context, _, _ int) error {
			i := 0
			source := pgx.CopyFromFunc(func() ([]any, error) {
				if i == copied {
					return nil, nil
				}
				i++
				return []any{i - 1, "copied", fmt.Sprintf("body of event %d", i-1)}, nil
			})
			count, err := pool.CopyFrom(ctx, pgx.Identifier{"events"}, []string{"user_id", "kind", "body"}, source)
			if err == nil && count != copied {
				return fmt.Errorf("copy: %d rows", count)
			}
			return err
		}},
	}
}

func run(ctx context.Context, k kernel, count int) []float64 {
	waits := make([]float64, count)
	var next atomic.Int64
	var wg sync.WaitGroup
	for caller := range k.callers {
		wg.Go(func() {
			for n := int(next.Add(1)) - 1; n < count; n = int(next.Add(1)) - 1 {
				began := time.Now()
				must(k.one(ctx, n, caller))
				waits[n] = float64(time.Since(began).Microseconds()) / 1000
			}
		})
	}
	wg.Wait()
	return waits
}

func cpu() float64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(usage.Utime) + seconds(usage.Stime)
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	ctx := context.Background()
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	must(err)
	pipelined := os.Getenv("PIPELINED")
	config.MaxConns = 10
	if pipelined != "" {
		config.MaxConns = 4
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	must(err)
	k, known := kernels(pool, pipelined)[os.Getenv("CASE")]
	if !known {
		must(fmt.Errorf("CASE is %s", os.Getenv("CASE")))
	}
	run(ctx, k, k.count/3+1)
	before := cpu()
	waits := run(ctx, k, k.count)
	value := float64(k.count*k.weight) / (cpu() - before)
	if os.Getenv("METRIC") == "p99" {
		sort.Float64s(waits)
		value = waits[int(float64(len(waits))*0.99)]
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]float64{"value": value}))
}
