package com.mcpist.deploy.admin;

/** The admin path cannot be used. The message is one line for a person, without a secret. */
public final class AdminException extends Exception {
  private static final long serialVersionUID = 1;

  private final Kind kind;

  public enum Kind {
    /** No origin answers, or none reaches its database. */
    UNAVAILABLE,
    /** The gateway secret or the admin token is not the origins'. */
    UNAUTHORIZED,
    LOCKED,
    /** An origin answers what an origin of MCPist does not. */
    REJECTED
  }

  AdminException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
