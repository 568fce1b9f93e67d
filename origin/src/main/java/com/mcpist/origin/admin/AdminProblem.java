package com.mcpist.origin.admin;

import com.mcpist.origin.mcp.Json;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Why a request is not done: a status, a code for programs, a sentence for people. */
public final class AdminProblem extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final transient Map<String, String> headers;
  private transient @Nullable ObjectNode lock;

  private AdminProblem(int status, String code, String message, Map<String, String> headers) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  private static AdminProblem of(int status, String code, String message) {
    return new AdminProblem(status, code, message, Map.of());
  }

  static AdminProblem off() {
    return of(404, "admin_off", "The admin path is off: this origin has no ADMIN_TOKEN.");
  }

  static AdminProblem unauthorized() {
    String message = "This needs Authorization: Bearer and the admin token.";
    return new AdminProblem(401, "unauthorized", message, Map.of("WWW-Authenticate", "Bearer"));
  }

  static AdminProblem notFound() {
    return of(404, "not_found", "There is nothing at this path.");
  }

  public static AdminProblem noSuch(String what) {
    return of(404, "not_found", "There is no " + what + ".");
  }

  static AdminProblem wrongMethod(String allowed) {
    String message = "This path answers " + allowed + ".";
    return new AdminProblem(405, "method_not_allowed", message, Map.of("Allow", allowed));
  }

  public static AdminProblem badRequest(String message) {
    return of(400, "bad_request", message);
  }

  static AdminProblem tooLarge(int most) {
    return of(413, "too_large", "The body may have at most " + most + " bytes.");
  }

  static AdminProblem locked(ObjectNode lock) {
    String message = "Another deployment has the lock. It ends, or its lock expires.";
    AdminProblem problem = of(409, "locked", message);
    problem.lock = lock;
    return problem;
  }

  static AdminProblem lockLost() {
    return of(
        409,
        "lock_lost",
        "This token does not have the deployment lock any more: another deployment may have it.");
  }

  static AdminProblem nameTaken() {
    return of(
        409, "name_taken", "Another key has this name. Revoke that one, or choose another name.");
  }

  static AdminProblem storageFull() {
    return of(
        409,
        "storage_full",
        "The user's plan allows no more to be stored. Nothing of this request was stored.");
  }

  /** Stripe did not do it; the message says why. */
  public static AdminProblem stripe(String message) {
    return of(409, "stripe", message + ".");
  }

  static AdminProblem away(String message) {
    return new AdminProblem(503, "database_away", message, Map.of("Retry-After", "1"));
  }

  static AdminProblem failed() {
    return of(500, "failed", "The origin failed to do this. Its log says why.");
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  AdminReply reply(UUID correlationId) {
    ObjectNode body = Json.object();
    body.putObject("error")
        .put("code", code)
        .put("message", getMessage())
        .put("correlationId", correlationId.toString());
    if (lock != null) {
      body.set("lock", lock);
    }
    return new AdminReply(status, headers, body);
  }
}
