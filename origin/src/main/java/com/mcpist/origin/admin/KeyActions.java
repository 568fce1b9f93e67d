package com.mcpist.origin.admin;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import com.mcpist.origin.auth.Access;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be done with API keys. Whoever makes one sends its digest: no key comes here. */
final class KeyActions {
  private static final int LONGEST_NAME = 200;
  private static final int MOST = 1_000;
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", Pattern.CASE_INSENSITIVE);

  private final Transactions transactions;
  private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();

  KeyActions(Transactions transactions) {
    this.transactions = transactions;
  }

  AdminReply run(AdminRequest request) throws AdminProblem {
    if (request.one()) {
      AdminActions.only("DELETE", request);
      return revoke(request.name());
    }
    return switch (request.method()) {
      case "GET" -> newest(AdminActions.limit(request.limit(), MOST));
      case "POST" -> create(Fields.of(request.body()));
      default -> throw AdminProblem.wrongMethod("GET, POST");
    };
  }

  private AdminReply newest(int limit) throws AdminProblem {
    List<Key> keys = transactions.run(h -> KeyStore.newest(h, limit));
    return AdminActions.list("keys", keys.stream().map(Key::jsonWithEnd).toList());
  }

  private AdminReply create(Fields fields) throws AdminProblem {
    String name = name(fields);
    String user = fields.matching("user", Access.USER, "must be 1 to 255 visible ASCII characters");
    if (user.startsWith(Access.KEY_USER)) {
      throw AdminProblem.badRequest("user must not begin with " + Access.KEY_USER);
    }
    String digest = fields.matching("digest", DIGEST, "must be SHA-256 in lower-case hex");
    @Nullable Instant expires = fields.instantIfAny("expires");
    fields.end();
    if (expires != null && !expires.isAfter(Instant.now())) {
      throw AdminProblem.badRequest("expires must be in the future.");
    }
    UUID id = ids.generate();
    Optional<Key> stored =
        transactions.run(
            h ->
                KeyStore.put(h, id, digest, name, user, expires)
                    .or(() -> KeyStore.byDigest(h, digest)));
    Key key = stored.orElseThrow(AdminProblem::nameTaken);
    if (!isOf(key, name, user, expires)) {
      throw AdminProblem.badRequest("digest is of a key that is there, or was: make another key.");
    }
    return AdminReply.created(key.json());
  }

  private static boolean isOf(Key key, String name, String user, @Nullable Instant expires) {
    return key.revoked() == null
        && key.name().equals(name)
        && key.user().equals(user)
        && stored(key.expires()).equals(stored(expires));
  }

  /** As precise as the database keeps it. */
  private static String stored(@Nullable Instant instant) {
    return instant == null ? "" : instant.truncatedTo(ChronoUnit.MILLIS).toString();
  }

  private static String name(Fields fields) throws AdminProblem {
    String name = fields.name("name", LONGEST_NAME);
    if (!name.equals(name.strip()) || name.codePoints().anyMatch(Character::isISOControl)) {
      throw AdminProblem.badRequest("name must be one line without blanks at its ends.");
    }
    if (UUID_FORM.matcher(name).matches()) {
      throw AdminProblem.badRequest("name must not look like an id.");
    }
    return name;
  }

  private AdminReply revoke(String idOrName) throws AdminProblem {
    Optional<Key> revoked = transactions.run(h -> KeyStore.revoke(h, idOrName));
    return AdminReply.ok(
        revoked.orElseThrow(() -> AdminProblem.noSuch("key of this id or name")).jsonWithEnd());
  }
}
