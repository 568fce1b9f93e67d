package com.mcpist.edge.gate.auth;

/** What the Authorization of a request is found to be. */
public sealed interface Verdict {
  /** Somebody's. */
  record Admitted(Caller caller) implements Verdict {}

  /** Nobody's who may call. */
  record Refused(Reason reason) implements Verdict {}

  /** Why not. */
  enum Reason {
    /** There is none. */
    UNAUTHENTICATED(""),
    /** It is not one Bearer token in the header: what it would be worth is not looked at. */
    MALFORMED("A token is taken once, as Authorization: Bearer, and from no query"),
    /** It is no key and no token of the issuer's, or a forged one. */
    INVALID("The key or token is not valid"),
    /** Its time is over. */
    EXPIRED("The token has expired"),
    /** It was made for another server. */
    WRONG_AUDIENCE("The token is not for this server"),
    /** It does not allow this. */
    INSUFFICIENT_SCOPE("The token lacks a scope"),
    /** The issuer's keys have never been had, so it cannot be told. */
    UNAVAILABLE("");

    private final String description;

    Reason(String description) {
      this.description = description;
    }

    /** What the client is told, in the words of an error_description. */
    public String description() {
      return description;
    }
  }
}
