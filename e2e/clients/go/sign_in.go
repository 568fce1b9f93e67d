package main

import (
	"context"
	"net/http"

	"golang.org/x/oauth2"
)

// signIn gets a token after a 401, and go-sdk sends the request again.
type signIn struct{ token string }

func (s *signIn) TokenSource(context.Context) (oauth2.TokenSource, error) {
	if s.token == "" {
		return nil, nil
	}
	return oauth2.StaticTokenSource(&oauth2.Token{AccessToken: s.token}), nil
}

func (s *signIn) Authorize(_ context.Context, _ *http.Request, response *http.Response) error {
	s.token = "signed-in"
	return response.Body.Close()
}

// signingIn sends a request again with a token after a 401: mcp-go does not by itself.
type signingIn struct{ http.RoundTripper }

func (s signingIn) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := s.RoundTripper.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusUnauthorized {
		return response, err
	}
	response.Body.Close()
	again := request.Clone(request.Context())
	again.Header.Set("Authorization", "Bearer signed-in")
	if again.Body, err = request.GetBody(); err != nil {
		return nil, err
	}
	return s.RoundTripper.RoundTrip(again)
}
