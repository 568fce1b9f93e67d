package com.mcpist.deploy.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.admin.Clients;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.doctor.Doctor.Diagnosis;
import com.mcpist.deploy.doctor.Doctor.Diagnosis.Grade;
import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.ClientsServer;
import com.mcpist.testkit.FaultServer;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthDoctorTest {
  private static final String SECRET = "the-gateway-secret-that-nobody-may-see";
  private static final String TOKEN = "the-admin-token-that-nobody-may-see!!";

  private final TestTime time = TestTime.create();
  private final ClientsServer origin = new ClientsServer(SECRET, TOKEN);
  private final FaultServer issuer = FaultServer.start();
  private final AdminPath admin =
      new AdminPath(
          List.of(URI.create(origin.url())),
          List.of(new Access(Secret.of(SECRET), Secret.of(TOKEN))),
          time);

  @AfterEach
  void close() throws Exception {
    origin.close();
    issuer.close();
  }

  private List<Diagnosis> examine(String auth, Map<String, String> environment) throws Exception {
    var deployment = DeploymentFile.parse("mcpist.yml", "origins: [{name: one}]\n" + auth);
    List<Diagnosis> found = new ArrayList<>();
    new AuthDoctor(Doctors.of(deployment, environment, time), Optional.of(admin)).examine(found);
    return found;
  }

  private Diagnosis only(String auth, Map<String, String> environment) throws Exception {
    List<Diagnosis> found = examine(auth, environment);
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private String jwt(String name) {
    return "auth: {keys: false, jwt: {issuer: '%s', jwks: '%s/keys?v=1'}}"
        .formatted(name, issuer.url());
  }

  @Test
  void everybodyIsWeak() throws Exception {
    Diagnosis found = only("auth: none", Map.of());

    assertThat(found.grade()).isEqualTo(Grade.WEAK);
    assertThat(found.seen()).contains("everybody");
    assertThat(found.advice()).contains("docs/operations/authentication.md");
  }

  @Test
  void nobodyIsWeakUntilThereIsAKeyThatWorks() throws Exception {
    assertThat(only("", Map.of()).advice()).isEqualTo("Make one: mcpist keys create NAME");
    Clients clients = new Clients(admin);
    clients.add(
        ApiKey.create().digest(),
        "old",
        "local",
        Optional.of(time.wall().minus(Duration.ofDays(1))),
        time.minutes(1));
    assertThat(only("", Map.of()).grade()).isEqualTo(Grade.WEAK);
    clients.add(ApiKey.create().digest(), "new", "local", Optional.empty(), time.minutes(1));

    assertThat(only("", Map.of()).grade()).isEqualTo(Grade.GOOD);
    assertThat(only("", Map.of()).seen()).isEqualTo("1 works");
  }

  @Test
  void aKeyThatWorksIsNotHiddenByNewerOnesThatDoNot() throws Exception {
    Clients clients = new Clients(admin);
    clients.add(ApiKey.create().digest(), "planted", "local", Optional.empty(), time.minutes(1));
    for (int i = 0; i < 1001; i++) {
      clients.add(ApiKey.create().digest(), "gone", "local", Optional.empty(), time.minutes(1));
      clients.revoke("gone", time.minutes(1));
    }

    assertThat(only("", Map.of()).seen()).isEqualTo("1 works");
  }

  private void publish(String key) throws Exception {
    issuer.always(
        Behaviour.answer(200, "{\"keys\":[{\"kty\":\"oct\"}," + IssuerKeys.key(key, "{}") + "]}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa", "ec", "ed"})
  void anIssuerWithAUsableKeyIsGood(String key) throws Exception {
    publish(key);

    Diagnosis found = only(jwt("https://login.example.com"), Map.of());

    assertThat(found.grade()).as(found.seen()).isEqualTo(Grade.GOOD);
    assertThat(found.seen()).startsWith("1 usable key at " + issuer.url());
    assertThat(issuer.requests().getFirst().target()).isEqualTo("/keys?v=1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          200 | {"keys":[]}                                            | no usable key at
          200 | {"keys":[{"kty":"oct"}]}                               | no usable key at
          200 | {"keys":[{"kty":"RSA","use":"enc"}]}                   | no usable key at
          200 | {"keys":[{"kty":"RSA","alg":"RS512"}]}                 | no usable key at
          200 | {"keys":[{"kty":"EC","crv":"P-384"}]}                  | no usable key at
          200 | {"issuer":"a"}                                         | no usable key at
          200 | <html>                                                 | the answer is no JSON
          404 | {}                                                     | HTTP 404
          302 | {}                                                     | HTTP 302
          """)
  void anIssuerWithoutOneIsBad(int status, String body, String seen) throws Exception {
    issuer.always(Behaviour.answer(status, body));

    Diagnosis found = only(jwt("https://login.example.com"), Map.of());

    assertThat(found.grade()).isEqualTo(Grade.BAD);
    assertThat(found.seen()).contains(seen);
    assertThat(found.advice()).isNotEmpty();
  }

  @Test
  void anIssuerThatIsNotThereIsBad() throws Exception {
    issuer.stopListening();

    assertThat(only(jwt("https://login.example.com"), Map.of()).seen())
        .contains("cannot be reached");
  }

  @Test
  void anIssuerWithoutHttpsIsWeak() throws Exception {
    publish("rsa");

    assertThat(examine(jwt("http://login.example.com"), Map.of()))
        .extracting(Diagnosis::grade)
        .containsExactly(Grade.WEAK, Grade.GOOD);
  }

  /** Signed in to something of the project's is what such a token says, and not to what. */
  @Test
  void anAudienceThatAllTokensOfAProjectHaveIsWeak() throws Exception {
    publish("ec");
    String jwt = "auth: {jwt: {issuer: 'https://a.supabase.co', jwks: '%s', audience: '%s'}}";

    assertThat(examine(jwt.formatted(issuer.url(), "authenticated"), Map.of()))
        .filteredOn(one -> one.subject().equals("audience of tokens"))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.grade()).isEqualTo(Grade.WEAK);
              assertThat(one.seen()).contains("any other app of the project", "anonymous sign-ins");
              assertThat(one.advice()).contains("Set audience", "authentication.md");
            });
    assertThat(examine(jwt.formatted(issuer.url(), "https://mcp.example.com/mcp"), Map.of()))
        .extracting(Diagnosis::subject)
        .contains("issuer of tokens")
        .doesNotContain("audience of tokens");
  }

  @Test
  void theAudienceOfAProjectAtSupabaseIsThatOneUntilAnotherIsNamed() throws Exception {
    Map<String, String> environment = Map.of("SUPABASE_URL", issuer.url());
    publish("ec");

    assertThat(examine("auth: {jwt: supabase}", environment))
        .extracting(Diagnosis::subject)
        .contains("audience of tokens");
    assertThat(examine("auth: {jwt: {issuer: supabase, audience: 'https://a/mcp'}}", environment))
        .extracting(Diagnosis::subject)
        .contains("issuer of tokens")
        .doesNotContain("audience of tokens");
  }

  @Test
  void aProjectAtSupabaseNeedsItsAddress() throws Exception {
    Diagnosis found = only("auth: {jwt: supabase}", Map.of());

    assertThat(found.grade()).isEqualTo(Grade.BAD);
    assertThat(found.seen()).contains("SUPABASE_URL is not set");
  }
}
