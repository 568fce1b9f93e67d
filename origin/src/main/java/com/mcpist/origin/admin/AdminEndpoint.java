package com.mcpist.origin.admin;

import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.auth.Access;
import com.mcpist.origin.db.Database;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * /api/admin without the wire: who may ask, and what is answered. Every request may be sent again,
 * to the other origin too: the ids in it are its sender's, and what they stand for is in the
 * database. Only of its secrets each origin speaks for itself.
 */
public final class AdminEndpoint {
  /** The largest body, in bytes. */
  public static final int MAX_BODY_BYTES = 64 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(AdminEndpoint.class);

  private final @Nullable AcceptedSecrets tokens;
  private final @Nullable AdminActions actions;

  private AdminEndpoint(@Nullable AcceptedSecrets tokens, @Nullable AdminActions actions) {
    this.tokens = tokens;
    this.actions = actions;
  }

  /** For an origin that has no token: everything is answered with 404. */
  public static AdminEndpoint off() {
    return new AdminEndpoint(null, null);
  }

  /**
   * For those who have a token.
   *
   * @param ready whether the database's schema is there
   * @param secrets what this process runs with
   * @param instance names this process
   */
  public static AdminEndpoint on(
      AcceptedSecrets tokens,
      Database database,
      BooleanSupplier ready,
      OwnSecrets secrets,
      String instance) {
    AdminTransactions transactions = new AdminTransactions(database, ready);
    return new AdminEndpoint(tokens, new AdminActions(transactions, secrets, instance));
  }

  /**
   * What is answered to a request that is not even read. Does not block.
   *
   * @param authorization the values of its Authorization headers
   */
  public Optional<AdminReply> refusal(List<String> authorization) {
    if (tokens == null) {
      return Optional.of(reply(AdminProblem.off()));
    }
    return tokens.accept(Access.bearer(authorization).stream().toList())
        ? Optional.empty()
        : Optional.of(reply(AdminProblem.unauthorized()));
  }

  /** What is answered to a body that is longer than {@link #MAX_BODY_BYTES}. */
  public AdminReply tooLarge() {
    return reply(AdminProblem.tooLarge(MAX_BODY_BYTES));
  }

  /** Does what is asked. Blocks for some seconds at most. */
  public AdminReply answer(AdminRequest request) {
    try {
      if (actions == null) {
        throw AdminProblem.off();
      }
      return actions.run(request);
    } catch (AdminProblem e) {
      return reply(e);
    } catch (RuntimeException e) {
      UUID id = UUID.randomUUID();
      LOG.error("An admin request failed, correlation id {}", id, e);
      return AdminProblem.failed().reply(id);
    }
  }

  private static AdminReply reply(AdminProblem problem) {
    UUID id = UUID.randomUUID();
    LOG.info("An admin request got {} {}, correlation id {}", problem.status(), problem.code(), id);
    return problem.reply(id);
  }
}
