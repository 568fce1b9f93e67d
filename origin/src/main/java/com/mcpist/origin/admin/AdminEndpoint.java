package com.mcpist.origin.admin;

import com.mcpist.origin.admin.Releases.Locks;
import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.auth.Access;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.mount.Mounts;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * /api/admin without the wire: who may ask, and what is answered. Every request may be sent again,
 * to the other origin too: the ids in it are its sender's, and what they stand for is in the
 * database. Only of its secrets, and of the processes that it mounts, each origin speaks for
 * itself.
 */
public final class AdminEndpoint {
  public static final int MAX_BODY_BYTES = 256 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(AdminEndpoint.class);

  private final @Nullable Actions actions;

  private AdminEndpoint(@Nullable Actions actions) {
    this.actions = actions;
  }

  /** For an origin without a database: everything is answered with 404. */
  public static AdminEndpoint off() {
    return new AdminEndpoint(null);
  }

  /**
   * {@code tokens}: null: nobody may ask, but who has the gateway secret tells of events; {@code
   * alertTest}: what the webhook of a name answers; {@code billing}: null: nothing is sold.
   */
  public static AdminEndpoint on(
      @Nullable AcceptedSecrets tokens,
      Events events,
      OwnSecrets secrets,
      String instance,
      boolean storageLimited,
      Mounts mounts,
      Function<String, Optional<String>> alertTest,
      @Nullable BillingDesk billing) {
    AdminTransactions transactions = events.transactions();
    return new AdminEndpoint(
        new Actions(
            tokens,
            events,
            transactions,
            new Memories(transactions, storageLimited),
            new MountRequests(transactions, mounts),
            alertTest,
            new BillingRequests(billing),
            secrets,
            instance));
  }

  /** Whether a request's Authorization has a token. */
  public boolean knows(List<String> authorization) {
    @Nullable AcceptedSecrets tokens = tokens();
    return tokens != null && tokens.accept(Access.bearer(authorization).stream().toList());
  }

  /** The answer to a request that is not even read, by its Authorization. Does not block. */
  public Optional<AdminReply> refusal(List<String> authorization) {
    if (tokens() == null) {
      return Optional.of(reply(AdminProblem.off()));
    }
    return knows(authorization)
        ? Optional.empty()
        : Optional.of(reply(AdminProblem.unauthorized()));
  }

  private @Nullable AcceptedSecrets tokens() {
    return actions == null ? null : actions.tokens();
  }

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

  /** What can be asked for, by path. Each blocks for some seconds at most. */
  private record Actions(
      @Nullable AcceptedSecrets tokens,
      Events events,
      AdminTransactions transactions,
      Memories memories,
      MountRequests mounts,
      Function<String, Optional<String>> alertTest,
      BillingRequests billing,
      OwnSecrets secrets,
      String instance) {
    AdminReply run(AdminRequest request) throws AdminProblem {
      return switch (request.resource()) {
        case "lock" -> new Locks(transactions).run(request);
        case "releases" -> new Releases(transactions).run(request);
        case "events" -> events.run(request);
        case "keys" -> new Keys(transactions).run(request);
        case "digests" -> new Keys(transactions).ofDigest(request);
        case "plans" -> new Plans(transactions).plans(request);
        case "users" -> new Plans(transactions).users(request);
        case "memories" -> memories.run(request);
        case "mounts", MountRequests.APPROVE -> mounts.run(request);
        case "alerts" -> testAlerts(request);
        case "billing" -> billing.run(request);
        case "secrets" -> secrets.prove(request, instance);
        default -> throw AdminProblem.notFound();
      };
    }

    private AdminReply testAlerts(AdminRequest request) throws AdminProblem {
      if (!request.one()) {
        throw AdminProblem.notFound();
      }
      request.only("POST");
      String name = request.name();
      String answer =
          alertTest.apply(name).orElseThrow(() -> AdminProblem.noSuch("webhook of this name"));
      return AdminReply.ok(Json.object().put("name", name).put("answer", answer));
    }
  }

  private static AdminReply reply(AdminProblem problem) {
    UUID id = UUID.randomUUID();
    LOG.info("An admin request got {} {}, correlation id {}", problem.status(), problem.code(), id);
    return problem.reply(id);
  }
}
