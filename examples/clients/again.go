package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Again sends each JSON-RPC request again until it is answered, for 5 minutes, and each tools/call under a key.
// It is for a server that keeps Idempotency-Keys, as MCPist does: another server runs a call once for each sending.
type Again struct{ http.RoundTripper }

const (
	limit = 5 * time.Minute
	// Of one sending with its whole answer: nothing may ever come on a broken connection.
	sendingLimit = 2 * time.Minute
	mostRefused  = 100
)

type message struct {
	JSONRPC, Method string
	ID              json.RawMessage
	Result          json.RawMessage
	Error           *struct{ Data json.RawMessage }
}

// What an error says that is there for a moment: docs/idempotency.md.
var passing = []string{"origin_unavailable", "outcome_unknown", "rate_limited", "overloaded", "auth_unavailable"}

func (a Again) RoundTrip(request *http.Request) (*http.Response, error) {
	var body bytes.Buffer
	if request.Method == http.MethodPost && request.GetBody != nil {
		if reader, err := request.GetBody(); err == nil {
			body.ReadFrom(reader)
		}
	}
	sent := messages(body.Bytes())
	has := func(method string) bool {
		return slices.ContainsFunc(sent, func(m message) bool { return m.Method == method })
	}
	if len(sent) == 0 || has("subscriptions/listen") { // Whose answer lasts.
		return a.RoundTripper.RoundTrip(request)
	}
	defer request.Body.Close()
	call := request.URL.String() + "\n" + request.Header.Get("Mcp-Session-Id") + "\n" + body.String()
	key := ""
	if has("tools/call") && request.Header.Get("Idempotency-Key") == "" {
		key = cmp.Or(takeRefused(call), rand.Text())
	}
	end := time.Now().Add(limit)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		response, answer, err := a.send(request, body.Bytes(), key)
		var wait time.Duration
		if err == nil {
			wait, _ = time.ParseDuration(response.Header.Get("Retry-After") + "s")
		}
		if err == nil && wait == 0 && final(sent, response, answer) || time.Now().Add(wait).After(end) {
			if err == nil && key != "" && (response.StatusCode == 401 || response.StatusCode == 403) {
				keepRefused(call, key)
			}
			return response, err
		}
		select {
		case <-request.Context().Done():
			return nil, request.Context().Err()
		case <-time.After(max(wait, pause)):
		}
	}
}

// send sends a request once, and reads the answer whole: a stream that breaks is no answer.
func (a Again) send(request *http.Request, body []byte, key string) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(request.Context(), sendingLimit)
	defer cancel()
	again := request.Clone(ctx)
	if key != "" {
		again.Header.Set("Idempotency-Key", key)
	}
	again.Body = io.NopCloser(bytes.NewReader(body))
	response, err := a.RoundTripper.RoundTrip(again)
	if err != nil {
		return nil, nil, err
	}
	answer, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(answer))
	return response, answer, nil
}

// A refusal is a call that was answered with 401 or 403. A library that has signed in sends it again.
type refusal struct {
	call, key string
	until     time.Time
}

var (
	refused     []refusal // The oldest first.
	refusedLock sync.Mutex
)

// takeRefused returns the key under which this call was refused; "" without one.
func takeRefused(call string) string {
	refusedLock.Lock()
	defer refusedLock.Unlock()
	refused = slices.DeleteFunc(refused, func(r refusal) bool { return time.Now().After(r.until) })
	at := slices.IndexFunc(refused, func(r refusal) bool { return r.call == call })
	if at < 0 {
		return ""
	}
	key := refused[at].key
	refused = slices.Delete(refused, at, at+1)
	return key
}

func keepRefused(call, key string) {
	refusedLock.Lock()
	defer refusedLock.Unlock()
	if len(refused) == mostRefused {
		refused = slices.Delete(refused, 0, 1)
	}
	refused = append(refused, refusal{call, key, time.Now().Add(limit)})
}

// final says whether a response is an answer to all requests that were sent.
func final(sent []message, response *http.Response, body []byte) bool {
	if response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= 500 {
		return false
	}
	if response.StatusCode >= 300 {
		return true
	}
	parts := [][]byte{body}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		parts = events(string(body))
	}
	var answers []message
	for _, part := range parts {
		answers = append(answers, messages(part)...)
	}
	return !slices.ContainsFunc(sent, func(m message) bool {
		return m.ID != nil && m.Method != "" &&
			!slices.ContainsFunc(answers, func(answer message) bool { return answer.ends(m) })
	})
}

// ends says whether an answer ends a request; an error without an id is about all that was sent.
func (answer message) ends(request message) bool {
	mine := answer.ID == nil || string(answer.ID) == "null" || bytes.Equal(answer.ID, request.ID)
	return mine && (answer.Result != nil || answer.Error != nil && !answer.mayBeSentAgain(request.Method))
}

// mayBeSentAgain says whether an error is for a moment, and a further sending is safe: it is for all that only reads, and under a key
// that is kept.
func (answer message) mayBeSentAgain(method string) bool {
	var data struct{ Code, Effect, IdempotencyKey string }
	if json.Unmarshal(answer.Error.Data, &data) != nil {
		return false
	}
	safe := method != "tools/call" || data.IdempotencyKey != "" || data.Effect == "none"
	return safe && slices.Contains(passing, data.Code)
}

// messages reads the JSON-RPC messages of a body: none where it is something else.
func messages(body []byte) []message {
	var found []message
	var one message
	if json.Unmarshal(body, &found) != nil && json.Unmarshal(body, &one) == nil {
		found = []message{one}
	}
	return slices.DeleteFunc(found, func(m message) bool { return m.JSONRPC != "2.0" })
}

// events returns the data of each event. One without its blank line was cut off.
func events(stream string) [][]byte {
	parts := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(stream), "\n\n")
	var found [][]byte
	for _, part := range parts[:len(parts)-1] {
		var data []string
		for line := range strings.SplitSeq(part, "\n") {
			if text, ok := strings.CutPrefix(line, "data:"); ok {
				data = append(data, strings.TrimPrefix(text, " "))
			}
		}
		found = append(found, []byte(strings.Join(data, "\n")))
	}
	return found
}
