package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Again sends each JSON-RPC request again until it is answered, for 5 minutes, and each tools/call under a key.
type Again struct{ http.RoundTripper }

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
	end, key := time.Now().Add(5*time.Minute), rand.Text()
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		again := request.Clone(request.Context())
		if has("tools/call") && request.Header.Get("Idempotency-Key") == "" {
			again.Header.Set("Idempotency-Key", key)
		}
		again.Body = io.NopCloser(bytes.NewReader(body.Bytes()))
		response, err := a.RoundTripper.RoundTrip(again)
		var wait time.Duration
		done := false
		if err == nil { // A stream too is read whole: one that breaks is no answer.
			var answer []byte
			answer, err = io.ReadAll(response.Body)
			response.Body.Close()
			response.Body = io.NopCloser(bytes.NewReader(answer))
			wait, _ = time.ParseDuration(response.Header.Get("Retry-After") + "s")
			done = err == nil && wait == 0 && final(sent, response, answer)
		}
		if done || time.Now().Add(wait).After(end) {
			return response, err
		}
		select {
		case <-request.Context().Done():
			return nil, request.Context().Err()
		case <-time.After(max(wait, pause)):
		}
	}
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
