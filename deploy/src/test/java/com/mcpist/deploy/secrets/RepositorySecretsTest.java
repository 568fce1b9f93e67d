package com.mcpist.deploy.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.goterl.lazysodium.SodiumJava;
import com.goterl.lazysodium.interfaces.Box;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.Sodium;
import com.mcpist.testkit.vendor.Fault;
import com.mcpist.testkit.vendor.GitHubServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A repository's secrets, on a stand-in for GitHub that opens what is sealed. */
class RepositorySecretsTest {
  private static final String TOKEN = "github-token-that-nobody-may-see";
  private static final Secret VALUE = Secret.of("välue-that-nobody-may-see-🔑-0123456789");
  private static final String NAME = "GATEWAY_SECRET_NEXT";
  private static final String PUT = "PUT .*/actions/secrets/GATEWAY_SECRET_NEXT";
  private static final String DELETE = "DELETE .*/actions/secrets/GATEWAY_SECRET_NEXT";

  private final TestTime time = TestTime.create();
  private final Deadline deadline = time.minutes(10);
  private final GitHubServer github = new GitHubServer("example/notes");
  private final RepositorySecrets secrets = secrets("example/notes");

  private RepositorySecrets secrets(String repository) {
    try {
      return RepositorySecrets.of(environment(repository, github.url().toString()), time);
    } catch (PlatformException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> environment(String repository, String address) {
    return Map.of(
        "SECRETS_GITHUB_TOKEN", TOKEN,
        "GITHUB_REPOSITORY", repository,
        "GITHUB_API_URL", address);
  }

  @BeforeEach
  void expectToken() {
    github.authorization("Bearer " + TOKEN);
  }

  @AfterEach
  void everyRequestWasOneThatGitHubTakes() throws IOException {
    github.close();
    assertThat(github.violations()).isEmpty();
    assertThat(RepositorySecrets.API).isEqualTo(github.vendor());
  }

  @Test
  void aStoredValueOpensWithTheMatchingPrivateKeyAndNoOther() throws Exception {
    byte[] other = github.privateKey();
    github.newKey();

    secrets.put(NAME, NAME, VALUE, deadline);

    byte[] sealed = Base64.getDecoder().decode(github.sealed(NAME).orElseThrow());
    byte[] opened = new byte[sealed.length - Box.SEALBYTES];
    SodiumJava sodium = Sodium.load();
    assertThat(open(sodium, opened, sealed, other)).isNotZero();
    assertThat(open(sodium, opened, sealed, github.privateKey())).isZero();
    assertThat(new String(opened, StandardCharsets.UTF_8)).isEqualTo(VALUE.reveal());
  }

  private int open(SodiumJava sodium, byte[] into, byte[] sealed, byte[] privateKey) {
    return sodium.crypto_box_seal_open(into, sealed, sealed.length, github.publicKey(), privateKey);
  }

  @Test
  void eachBoxIsAnotherOneAndTheKeyIsAskedForEachTime() throws Exception {
    secrets.put(NAME, NAME, VALUE, deadline);
    String first = github.sealed(NAME).orElseThrow();
    github.newKey();
    secrets.put(NAME, NAME, VALUE, deadline);

    assertThat(github.sealed(NAME)).isPresent().isNotEqualTo(Optional.of(first));
    assertThat(github.secret(NAME)).hasValue(VALUE.reveal());
  }

  @Test
  void allNamesAreFoundHoweverManyPagesTheyTake() throws Exception {
    assertThat(secrets.names(deadline)).isEmpty();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 205; i++) {
      names.add("S%03d".formatted(i));
      github.storedByHand(names.getLast(), "v");
    }

    assertThat(secrets.names(deadline)).containsExactlyElementsOf(names);
    assertThat(github.calls("GET .*/actions/secrets")).hasSize(1 + 3);
  }

  @Test
  void aDeletedSecretIsGoneAndOneThatIsNotThereIsNoError() throws Exception {
    secrets.put(NAME, NAME, VALUE, deadline);
    secrets.delete(NAME, deadline);
    secrets.delete(NAME, deadline);

    assertThat(secrets.names(deadline)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          401 | UNAUTHORIZED | Check SECRETS_GITHUB_TOKEN: it is wrong, or has expired.
          403 | UNAUTHORIZED | The token in SECRETS_GITHUB_TOKEN needs the repository permission "Secrets: Read and write" for example/notes.
          404 | NOT_FOUND    | Either GITHUB_REPOSITORY is wrong, or the token in SECRETS_GITHUB_TOKEN may not see it: it needs the repository permission "Secrets: Read and write"
          307 | NOT_FOUND    | The repository has another name now: correct GITHUB_REPOSITORY.
          409 | CONFLICT     | Somebody else is changing it
          422 | REJECTED     | It would be refused again
          """)
  void anErrorSaysWhatGitHubSaidAndWhatToDo(int status, Kind kind, String advice) {
    for (String call : List.of(PUT, DELETE)) {
      int before = github.calls(call).size();
      if (call.equals(DELETE)) {
        github.storedByHand(NAME, "v");
      }
      github.fail(
          call,
          Fault.status(
              status, "{\"message\": \"what GitHub says " + VALUE.reveal() + TOKEN + "\"}"));

      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> act(call))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(kind))
          .withMessageStartingWith(
              "github: %s secret GATEWAY_SECRET_NEXT: HTTP %d: what GitHub says",
              call.equals(PUT) ? "store" : "delete", status)
          .withMessageContaining(advice)
          .withMessageNotContainingAny(TOKEN, call.equals(PUT) ? VALUE.reveal() : TOKEN);
      assertThat(github.calls(call)).as("it is not sent again").hasSize(before + 1);
    }
  }

  private void act(String call) throws Exception {
    if (call.equals(PUT)) {
      secrets.put(NAME, NAME, VALUE, deadline);
    } else {
      secrets.delete(NAME, deadline);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"500", "502", "cut", "acted", "in answer"})
  void whatPassesIsTriedAgainSinceASecondTimeDoesNoHarm(String what) throws Exception {
    Fault fault =
        switch (what) {
          case "cut" -> new Fault.Cut(false);
          case "acted" -> new Fault.Cut(true);
          case "in answer" -> new Fault.CutInAnswer();
          default -> Fault.status(Integer.parseInt(what), "{\"message\": \"Server Error\"}");
        };
    github.fail("GET .*/public-key", fault);
    github.fail(PUT, fault);
    github.fail(DELETE, fault);

    secrets.put(NAME, NAME, VALUE, deadline);
    assertThat(github.secret(NAME)).hasValue(VALUE.reveal());
    secrets.delete(NAME, deadline);
    assertThat(github.secret(NAME)).isEmpty();
  }

  @Test
  void aLimitIsWaitedForWhicheverWayGitHubSaysIt() throws Exception {
    long start = time.wall().getEpochSecond();
    String told = "{\"message\": \"You have exceeded a secondary rate limit\"}";
    github.fail(
        PUT,
        new Fault.Status(429, Map.of("Retry-After", "20"), told),
        new Fault.Status(403, Map.of("Retry-After", "30"), told),
        new Fault.Status(
            403,
            Map.of("x-ratelimit-remaining", "0", "x-ratelimit-reset", Long.toString(start + 100)),
            told));

    secrets.put(NAME, NAME, VALUE, deadline);

    assertThat(time.wall().getEpochSecond() - start).isBetween(100L, 102L);
    assertThat(github.secret(NAME)).hasValue(VALUE.reveal());
  }

  @Test
  void aLimitThatLastsLongerThanTheDeadlineIsSaidAtOnce() {
    long reset = time.wall().getEpochSecond() + 3_000;
    github.fail(
        PUT,
        new Fault.Status(
            403,
            Map.of("x-ratelimit-remaining", "0", "x-ratelimit-reset", Long.toString(reset)),
            "{\"message\": \"API rate limit exceeded\"}"));

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> secrets.put(NAME, NAME, VALUE, deadline))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.RATE_LIMITED))
        .withMessageContaining(
            "API rate limit exceeded. Too many requests: run it again in 3001 s");
  }

  @Test
  void aTokenThatMayNotDeleteIsToldApartFromASecretThatIsGone() {
    github.storedByHand(NAME, "v");
    github.fail(DELETE, Fault.status(404, "{\"message\": \"Not Found\"}"));

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> secrets.delete(NAME, deadline))
        .withMessageContaining("delete secret " + NAME + ": HTTP 404: Not Found. Either");
  }

  @Test
  void anotherRepositoryIsNotFound() {
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> secrets("example/other").names(deadline))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
        .withMessageContaining("for example/other");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "AAAA",
        "?",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAA"
      })
  void anAnswerWithoutAKeyStopsItBeforeAnythingIsSent(String key) {
    github.fail(
        "GET .*/public-key", Fault.status(200, "{\"key\": \"" + key + "\", \"key_id\": \"1\"}"));

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> secrets.put(NAME, NAME, VALUE, deadline))
        .withMessageContaining("the answer has no public key");
    assertThat(github.calls(PUT)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "example/notes, http://api.example.com, GITHUB_API_URL: it must be an address that starts with",
    "notes, https://api.github.com, GITHUB_REPOSITORY: is not of the form owner/name",
    "example/../notes, https://api.github.com, GITHUB_REPOSITORY: is not of the form owner/name",
    "'', https://api.github.com, GITHUB_REPOSITORY: is not set"
  })
  void whatTheEnvironmentLacksIsSaid(String repository, String address, String problem) {
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> RepositorySecrets.of(environment(repository, address), time))
        .withMessageContaining(problem);
  }

  @Test
  void withoutATokenItSaysWhichVariable() {
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> RepositorySecrets.of(Map.of("GITHUB_REPOSITORY", "a/b"), time))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.UNAUTHORIZED))
        .withMessageContaining("github: SECRETS_GITHUB_TOKEN: is not set");
  }

  /** A job of an environment gets the environment's own first: another one would change nothing. */
  @Test
  void whatAnEnvironmentHasIsChangedThere() throws Exception {
    Map<String, String> environment =
        new HashMap<>(environment("example/notes", github.url().toString()));
    environment.put("SECRETS_GITHUB_ENVIRONMENT", "production");
    RepositorySecrets both = RepositorySecrets.of(environment, time);
    github.storedByHand("ADMIN_TOKEN", "v");
    both.put("ADMIN_TOKEN_NEXT", "ADMIN_TOKEN", VALUE, deadline);
    assertThat(github.secret("ADMIN_TOKEN_NEXT")).as("without one").hasValue(VALUE.reveal());

    github.storedByHand("production", "GATEWAY_SECRET", "v");
    both.put(NAME, "GATEWAY_SECRET", VALUE, deadline);
    both.put("GATEWAY_SECRET", "GATEWAY_SECRET", VALUE, deadline);

    assertThat(both.names(deadline))
        .containsExactly("ADMIN_TOKEN", "ADMIN_TOKEN_NEXT", "GATEWAY_SECRET", NAME);
    assertThat(github.secret("production", "GATEWAY_SECRET")).hasValue(VALUE.reveal());
    assertThat(github.secret("GATEWAY_SECRET")).isEmpty();
    github.storedByHand(NAME, "by mistake here, too");
    both.delete(NAME, deadline);
    assertThat(both.names(deadline)).doesNotContain(NAME);

    github.fail("GET .*/environments/.*", Fault.status(403, "{\"message\": \"not accessible\"}"));
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> both.names(deadline))
        .withMessageContaining("and \"Environments: Read and write\" for example/notes");
  }

  @Test
  void itDoesNotPrintItsToken() {
    assertThat(secrets.toString()).doesNotContain(TOKEN);
  }
}
