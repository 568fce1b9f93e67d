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
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What can be done with API keys. Whoever makes one sends its digest: no key comes here. */
final class KeyActions {
  private static final int LONGEST_NAME = 200;
  private static final int MOST = 1_000;
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
  private static final String DIGEST_FORM = "must be SHA-256 in lower-case hex";
  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", Pattern.CASE_INSENSITIVE);

  private final AdminTransactions transactions;
  private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();

  KeyActions(AdminTransactions transactions) {
    this.transactions = transactions;
  }

  AdminReply run(AdminRequest request) throws AdminProblem {
    if (request.one()) {
      request.only("DELETE");
      return revoke(request.name());
    }
    return switch (request.method()) {
      case "GET" -> page(request.limit(MOST), request.after());
      case "POST" -> create(Fields.of(request.body()));
      default -> throw AdminProblem.wrongMethod("GET, POST");
    };
  }

  private record Page(KeyStore.Counts counts, List<Key> keys) {}

  private AdminReply page(int limit, @Nullable String last) throws AdminProblem {
    @Nullable UUID after = last == null ? null : Fields.uuid("after", last);
    Page page = transactions.run(h -> new Page(KeyStore.count(h), KeyStore.page(h, limit, after)));
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("total", page.counts().total())
            .put("working", page.counts().working());
    body.putArray("keys").addAll(page.keys().stream().map(Key::fullJson).toList());
    return AdminReply.ok(body);
  }

  /**
   * Whose a key is that somebody has found. None is an answer too: an origin of a release that does
   * not know this path must not be taken for one that does not know the key.
   */
  AdminReply ofDigest(AdminRequest request) throws AdminProblem {
    if (!request.one()) {
      throw AdminProblem.notFound();
    }
    request.only("GET");
    String digest = request.path().getLast();
    if (!DIGEST.matcher(digest).matches()) {
      throw AdminProblem.badRequest("The digest " + DIGEST_FORM + ".");
    }
    Optional<Key> found = transactions.run(h -> KeyStore.byDigest(h, digest));
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    found.ifPresentOrElse(key -> body.set("key", key.fullJson()), () -> body.putNull("key"));
    return AdminReply.ok(body);
  }

  private AdminReply create(Fields fields) throws AdminProblem {
    String name = name(fields);
    String user = fields.matching("user", Access.USER, "must be 1 to 255 visible ASCII characters");
    if (user.startsWith(Access.KEY_USER)) {
      throw AdminProblem.badRequest("user must not begin with " + Access.KEY_USER);
    }
    String digest = fields.matching("digest", DIGEST, DIGEST_FORM);
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
        revoked.orElseThrow(() -> AdminProblem.noSuch("key of this id or name")).fullJson());
  }
}
