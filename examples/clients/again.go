package main

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"time"
)

// Again sends each tools/call under a key until it is answered, for 5 minutes.
type Again struct{ http.RoundTripper }

func (a Again) RoundTrip(request *http.Request) (*http.Response, error) {
	var body, answer bytes.Buffer
	if request.GetBody != nil {
		reader, _ := request.GetBody()
		body.ReadFrom(reader)
	}
	if !bytes.Contains(body.Bytes(), []byte(`"tools/call"`)) {
		return a.RoundTripper.RoundTrip(request)
	}
	end, key := time.Now().Add(5*time.Minute), rand.Text()
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		sent := request.Clone(request.Context())
		sent.Header.Set("Idempotency-Key", key)
		sent.Body, _ = request.GetBody()
		response, err := a.RoundTripper.RoundTrip(sent)
		var wait time.Duration
		if err == nil { // A stream too is read whole: one that breaks is no answer.
			answer.Reset()
			_, err = answer.ReadFrom(response.Body)
			response.Body.Close()
			response.Body = io.NopCloser(&answer)
			wait, _ = time.ParseDuration(response.Header.Get("Retry-After") + "s")
		}
		done := err == nil && wait == 0 && response.StatusCode < 500
		if done || time.Now().Add(wait).After(end) || request.Context().Err() != nil {
			return response, err
		}
		time.Sleep(max(wait, pause))
	}
}
