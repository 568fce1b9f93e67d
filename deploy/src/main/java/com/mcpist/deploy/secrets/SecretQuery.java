package com.mcpist.deploy.secrets;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a program for proofs of its values, without a value: docs/design/secrets.md. A question is
 * asked once: who waits asks again.
 */
public record SecretQuery(URI base, String path, Optional<Secret> ownToken, Time time) {
  public static final String AT_ORIGIN = "/api/admin/secrets";

  /** Where an edge is asked, below its admin interface. */
  public static final String AT_EDGE = "/secrets";

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static final String PURPOSE = "mcpist secret check v1";
  private static final int NONCE_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  public SecretQuery(URI base, String path, Time time) {
    this(base, path, Optional.empty(), time);
  }

  RunningSecrets ask(List<Access> accesses, Collection<String> names, Deadline deadline)
      throws InterruptedException {
    List<Secret> hidden =
        Stream.concat(accesses.stream().flatMap(Access::secrets), ownToken.stream())
            .distinct()
            .toList();
    RunningSecrets last = RunningSecrets.unknown(State.SILENT, "it was not asked");
    for (Access access : accesses) {
      Access shown = new Access(access.gateway(), ownToken.orElse(access.token()));
      last = ask(shown, hidden, names, deadline);
      if (last.answered() || last.state() == State.SILENT) {
        return last;
      }
    }
    return last;
  }

  private RunningSecrets ask(
      Access access, List<Secret> hidden, Collection<String> names, Deadline deadline)
      throws InterruptedException {
    ApiClient client =
        new ApiClient(base, Optional.of(access.authorization()), hidden, TIMEOUT, time).once();
    byte[] random = new byte[NONCE_BYTES];
    RANDOM.nextBytes(random);
    String nonce = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    ObjectNode body = Call.object().put("nonce", nonce);
    names.forEach(body.putArray("names")::add);
    Call call =
        Call.change("ask for its secrets", "POST", path, body)
            .asRepeatable()
            .with("X-Gateway-Secret", access.gateway().reveal())
            .hiding(hidden);
    try {
      return RunningSecrets.of(nonce, client.send(call, deadline).body());
    } catch (ApiException e) {
      return switch (e.status()) {
        case 403 ->
            RunningSecrets.unknown(State.OTHER_GATEWAY_SECRET, "it has another GATEWAY_SECRET");
        case 401 -> RunningSecrets.unknown(State.OTHER_ADMIN_TOKEN, "it has another ADMIN_TOKEN");
        case 404 ->
            RunningSecrets.unknown(
                State.OTHER_ADMIN_TOKEN,
                "it has no ADMIN_TOKEN, or is of a release without secrets");
        default -> RunningSecrets.unknown(State.SILENT, String.valueOf(e.getMessage()));
      };
    }
  }

  /** That a program has this value of the secret of that name, as hexadecimal digits. */
  static String proof(Secret value, String name, String nonce) {
    return value.hmac(PURPOSE + "\n" + name + "\n" + nonce);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** As a program is told two values: the old one first. */
  static Secret both(Secret old, Secret next) {
    return Secret.of(old.reveal() + "," + next.reveal());
  }

  enum State {
    ANSWERED,
    OTHER_GATEWAY_SECRET,
    OTHER_ADMIN_TOKEN,
    SILENT
  }

  enum SecretState {
    OLD,
    BOTH,
    NEW,
    OTHER
  }

  /** The proofs, and the names of all that it has which are secrets by their names. */
  record RunningSecrets(
      State state, String nonce, Map<String, String> proofs, Set<String> names, String problem) {
    static RunningSecrets of(String nonce, JsonNode body) {
      Map<String, String> proofs = new TreeMap<>();
      body.path("proofs")
          .properties()
          .forEach(proof -> proofs.put(proof.getKey(), proof.getValue().asString("")));
      Set<String> names = new TreeSet<>();
      body.path("names").forEach(name -> names.add(name.asString("")));
      return new RunningSecrets(State.ANSWERED, nonce, proofs, names, "");
    }

    static RunningSecrets unknown(State state, String problem) {
      return new RunningSecrets(state, "", Map.of(), Set.of(), problem);
    }

    boolean answered() {
      return state == State.ANSWERED;
    }

    boolean runs(String name, Secret value) {
      String proof = proofs.get(name);
      return proof != null && MessageDigest.isEqual(bytes(proof), bytes(proof(value, name, nonce)));
    }

    boolean has(String name) {
      return proofs.containsKey(name);
    }

    SecretState state(String name, Secret old, Secret next) {
      if (runs(name, next)) {
        return SecretState.NEW;
      }
      if (runs(name, both(old, next))) {
        return SecretState.BOTH;
      }
      return runs(name, old) ? SecretState.OLD : SecretState.OTHER;
    }
  }
}
