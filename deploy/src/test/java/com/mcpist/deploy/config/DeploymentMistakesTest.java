package com.mcpist.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong in a mcpist.yml is told with its place, and the mend. */
class DeploymentMistakesTest {
  private static final String ONE = "origins:\n  - name: one\n";

  @Test
  void allMistakesAreShownInTheFilesOrderEachWithItsPlace() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                DeploymentFile.parse(
                    "f.yml",
                    """
                    edge: {wait: soon, failover: none}
                    origins:
                      - name: one
                        platform: koyeb
                        url: http://one.example.com
                      - name: one
                    """))
        .satisfies(
            e ->
                assertThat(String.valueOf(e.getMessage()).lines())
                    .satisfiesExactly(
                        l -> assertThat(l).startsWith("f.yml:1:14: wait must be a duration"),
                        l -> assertThat(l).startsWith("f.yml:1:30: failover must be worker"),
                        l ->
                            assertThat(l)
                                .startsWith("f.yml:4:5: an origin on this platform needs app"),
                        l ->
                            assertThat(l)
                                .startsWith("f.yml:4:5: an origin on this platform needs service"),
                        l -> assertThat(l).startsWith("f.yml:5:10: url must start with https://"),
                        l -> assertThat(l).startsWith("f.yml:6:5: there is already an origin")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                       | stripe needs plans
          {plans: {Pro: price_1}}                                  | a plan's name is of a-z
          {plans: {pro: sk_live_1}}                                | pro must be the id of a price
          {plans: {pro: price_1}}                                  | stripe needs return_url
          {plans: {pro: price_1}, metered: {b: price_2}, meter: m} | b must be one of plans
          {plans: {pro: price_1}, metered: {pro: price_2}}         | metered needs meter
          {plans: {pro: price_1}, grace_days: 61}                  | grace_days must be
          """)
  void whatIsSoldIsChecked(String stripe, String problem) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () -> DeploymentFile.parse("f.yml", ONE + "billing:\n  stripe: " + stripe + "\n"))
        .withMessageContaining(problem);
  }

  @Test
  void aSecretThatStandsInTheFileIsNotRepeated() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                DeploymentFile.parse(
                    "f.yml",
                    """
                    origins: [{name: one}]
                    secrets:
                      ONE: hunter2
                      TWO: [hunter2]
                    notifications: {webhook: 'https://hooks.example.com/hunter2'}
                    """))
        .satisfies(e -> assertThat(e.mistakes()).hasSize(3))
        .withMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          monitr: {}                                  | 3 | unknown key "monitr" in the file. Known keys: service, domain, image, origins, monitor, edge, auth, limits, cloudflare, secrets, notifications, alerts, billing. Did you mean monitor?
          monitor: {intervall: 3s}                    | 3 | Did you mean interval?
          monitor: {interval: 30}                     | 3 | interval must be a duration such as 500ms, 30s, 5m or 1h, not "30"
          monitor: {interval: 0s}                     | 3 | more than 0
          monitor: {interval: 25h}                    | 3 | not more than 24h
          monitor: {interval: 4s}                     | 3 | timeout must be less than interval
          monitor: {interval: [1s]}                   | 3 | interval must be a single value, not a list
          monitor: {interval: }                       | 3 | interval must be a single value, not empty
          monitor: {retries: many}                    | 3 | retries must be a whole number from 0 to 10, not "many"
          monitor: {retries: 99999999999}             | 3 | retries must be a whole number
          monitor: {consecutive_up: 0}                | 3 | from 1 to 100
          monitor: {path: health}                     | 3 | path must be a path such as /health
          monitor: {expected_body: ""}                | 3 | expected_body must not be empty
          monitor: {expected_code: 20}                | 3 | from 200 to 599
          monitor: 5                                  | 3 | monitor must be a mapping
          edge: {max_body: 4MB}                       | 3 | 512KiB or 4MiB
          edge: {max_body: 0}                         | 3 | max_body must be 1KiB to 16MiB, not "0"
          edge: {max_body: 1023}                      | 3 | max_body must be 1KiB to 16MiB, not "1023"
          edge: {max_body: 1023B}                     | 3 | max_body must be 1KiB to 16MiB, not "1023B"
          edge: {max_body: 17MiB}                     | 3 | max_body must be 1KiB to 16MiB, not "17MiB"
          edge: {max_body: 16777217}                  | 3 | max_body must be 1KiB to 16MiB, not "16777217"
          edge: {hold_down: 2m}                       | 3 | hold_down_max must not be less than hold_down
          edge: {hold_down_max: 2s}                   | 3 | hold_down_max must not be less than hold_down
          service: My Service                         | 3 | service must be lower-case letters
          service: [a]                                | 3 | service must be a single value, not a list
          domain: https://x.example.com               | 3 | domain must be a host name such as mcp.example.com
          image: "Not an image"                       | 3 | image must be an image: "Not an image" is no image such as
          edge: {failover: workers}                   | 3 | failover must be worker or load_balancer, not "workers". Did you mean worker?
          edge: {failover: load_balancer}             | 3 | failover load_balancer needs load_balancer under cloudflare
          secrets: {lower: [ci]}                      | 3 | a secret's name is that of its environment variable
          secrets: {ONE: []}                          | 3 | ONE must go somewhere: [worker, origins, ci]
          secrets: {ONE: [origin]}                    | 3 | ONE goes to worker, origins, ci only. Did you mean origins?
          secrets: {ONE: ci}                          | 3 | ONE must be the list of where it goes, of [worker, origins, ci]
          notifications: {webhook: "https://x.org"}   | 3 | webhook must be the name of an environment variable
          alerts: [{name: a, type: mail, secret: A_URL}] | 3 | type must be slack or discord or ntfy or json, not "mail"
          alerts: [{name: a, type: json, secret: "https://x.org"}] | 3 | secret must be the name of a secret, such as SLACK_WEBHOOK_URL, and never the secret itself
          alerts: [{name: a, type: json}]             | 3 | an alert needs secret, the name of the secret with its address
          alerts: [{name: a, type: json, secret: A}, {name: a, type: json, secret: B}] | 3 | there is already an alert "a", in line 3. Give each its own.
          notifications: 7                            | 3 | notifications must be a mapping
          auth: off                                   | 3 | auth must be none, or a mapping of keys and jwt, not "off"
          auth: [none]                                | 3 | auth must be a single value, not a list
          auth: {key: true}                           | 3 | unknown key "key" in auth. Known keys: keys, jwt. Did you mean keys?
          auth: {keys: yes}                           | 3 | keys must be true or false, not "yes"
          auth: {keys: false}                         | 3 | keys must be true where there is no jwt. To ask nobody, write auth: none
          auth: {jwt: supabse}                        | 3 | jwt must be supabase, or a mapping with issuer and jwks, not "supabse"
          auth: {jwt: {jwks: "https://a.org/k"}}      | 3 | issuer is needed where jwt is
          auth: {jwt: {issuer: "https://a.org"}}      | 3 | jwks is needed where jwt is
          auth: {jwt: {issuer: supabase, jwks: "https://a.org/k"}}             | 3 | jwks must not stand where issuer is supabase
          auth: {jwt: {issuer: supabse, jwks: "https://a.org/k"}}              | 3 | issuer must be an address such as https://login.example.com/, or supabase, not "supabse"
          auth: {jwt: {issuer: supabase, audience: "a b"}}                     | 3 | audience must be what the tokens have as aud, without blanks
          auth: {jwt: {issuer: a.org, jwks: "https://a.org/k"}}                | 3 | issuer must be an address such as https://login.example.com/
          auth: {jwt: {jwks: "http://a.org/k", issuer: "https://a.org"}}       | 3 | jwks must start with https://, not http://
          auth: {jwt: {jwks: "https://u:p@a.org/k", issuer: "https://a.org"}}  | 3 | jwks must be an address such as https://login.example.com/.well-known
          auth: {jwt: {audience: "a b", issuer: "https://a.org", jwks: "https://a.org/k"}}              | 3 | audience must be what the tokens have as aud, without blanks
          auth: {jwt: {scopes: mcp, issuer: "https://a.org", jwks: "https://a.org/k"}}                  | 3 | scopes must be a list
          auth: {jwt: {scopes: ['a b'], issuer: "https://a.org", jwks: "https://a.org/k"}}              | 3 | scopes must be single words such as mcp, not "a b"
          limits: few                                 | 3 | limits must be none, or a mapping of limits such as user_per_second
          limits: {user_per_second: -1}               | 3 | user_per_second must be a whole number from 0 to 1000000
          limits: {user_burst: 0}                     | 3 | user_burst must be a whole number from 1 to 1000000
          limits: {trusted_proxies: [10.0.0.0]}       | 3 | trusted_proxies must be blocks of addresses such as 10.0.0.0/8 or fd00::/8
          limits: {trusted_proxies: [10.0.0.0/33]}    | 3 | trusted_proxies must be blocks of addresses
          limits: {trusted_proxies: [10.0.0.256/8]}   | 3 | trusted_proxies must be blocks of addresses
          limits: {trusted_proxies: ["::/0"]}         | 3 | trusted_proxies must not be every address
          """)
  void aWrongValueIsNamedWithItsLine(String text, int line, String message) {
    rejected(ONE + text + "\n", line, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          - name: one                                 | 3 | there is already an origin "one", in line 2
          - platform: fly                             | 3 | an origin needs a name
          - name: Two                                 | 3 | name must be lower-case letters
          - {name: two, platform: flyio}              | 3 | platform must be koyeb or fly or ssh or local, not "flyio". Did you mean fly?
          - {name: two, platform: fly, app: a}        | 3 | an origin on this platform needs url
          - {name: two, service: a}                   | 3 | service means nothing on platform local: remove it, or set platform: koyeb
          - {name: two, region: a}                    | 3 | region means nothing on platform local: remove it, or set platform: fly
          - {name: two, host: a}                      | 3 | host means nothing on platform local: remove it, or set platform: ssh
          - {name: two, platform: fly, app: a, url: "https://x.org", listen: a} | 3 | listen means nothing on platform fly: remove it, or set platform: ssh
          - {name: two, platform: ssh, url: "https://x.org"} | 3 | an origin on this platform needs host, what ssh calls it
          - {name: two, platform: ssh, host: "-oProxyCommand=x", url: "https://x.org"} | 3 | host must be what ssh calls the host, such as deploy@server
          - {name: two, platform: ssh, host: "a b", url: "https://x.org"}   | 3 | host must be what ssh calls the host
          - {name: two, platform: ssh, host: a, listen: 8000, url: "https://x.org"}         | 3 | listen must be an IPv4 address and a port below 65535
          - {name: two, platform: ssh, host: a, listen: "1.2.3:80", url: "https://x.org"}   | 3 | listen must be an IPv4 address and a port
          - {name: two, platform: ssh, host: a, listen: "0.0.0.0:65535", url: "https://x.org"} | 3 | listen must be an IPv4 address and a port below
          - {name: two, platform: ssh, host: a, container: lxc, url: "https://x.org"}       | 3 | container must be podman or docker, not "lxc"
          - {name: two, url: "http://x.org"}          | 3 | url must start with https://
          - {name: two, image: "UPPER"}               | 3 | image must be an image
          - {name: two, url: "ftp://x"}               | 3 | url must be an address
          - {name: two, url: "https://x.org/mcp"}     | 3 | url must be an address
          - {name: two, url: "https://u:p@x.org"}     | 3 | url must be an address
          - {name: two, env: {lower: x}}              | 3 | no name of an environment variable
          - {name: two, env: {GATEWAY_SECRET: x}}     | 3 | GATEWAY_SECRET is a secret and does not belong here
          - {name: two, env: {STRIPE_SECRET_KEY: x}}  | 3 | STRIPE_SECRET_KEY is a secret
          - {name: two, env: {PORT: 1}}               | 3 | PORT is set by whoever runs the origin
          - {name: two, env: {ENVIRONMENT: staging}}  | 3 | ENVIRONMENT must be production-primary or production-standby
          - two                                       | 3 | an origin must be a mapping
          """)
  void aWrongOriginIsNamedWithItsLine(String origin, int line, String message) {
    rejected(ONE + "  " + origin + "\n", line, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'domain: x.example'   | 1 | domain is for platforms: it needs origins
          'origins: []'         | 1 | origins must name one origin at least
          'origins: {a: b}'     | 1 | origins must be a list
          '- a'                 | 1 | the file must be a mapping
          'origins: [x'         | 1 | is not YAML
          """)
  void aWrongFileIsSaidInOneLine(String text, int line, String message) {
    rejected(text, line, message);
  }

  @Test
  void whatTwoOriginsShareIsNamed() {
    String first =
        "origins:\n  - {name: a, platform: fly, app: x, url: 'https://x.example'}\n  - {name: b, ";

    rejected(first + "platform: fly, app: x, url: 'https://y.example'}", 3, "is the same on fly");
    rejected(first + "url: 'https://x.example'}", 3, "another origin has the same url, in line 2");

    String host = "origins:\n  - {name: a, platform: ssh, host: me@x, url: 'https://x.example'}\n";
    String second = host + "  - {name: b, platform: ssh, host: me@x, url: 'https://y.example', ";
    rejected(second + "listen: '127.0.0.1:9000'}", 3, "another origin is the same on ssh");
    rejected(second + "app: b, listen: '127.0.0.1:7999'}", 3, "another origin uses port 8000 of");
    rejected(second + "app: b, listen: '127.0.0.1:8001'}", 3, "another origin uses port 8001");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {worker: edge}                       | cloudflare needs account, the account's id: `npx wrangler whoami` shows it
          {account: 0123}                      | account must be an account's id, 32 digits of 0-9 and a-f, not "0123"
          {account: %1$s, workers: edge}       | unknown key "workers" in cloudflare. Known keys: account, worker, load_balancer. Did you mean worker?
          {account: %1$s, worker: My Edge}     | worker must be lower-case letters
          {account: %1$s, load_balancer: a_b}  | load_balancer must be a host name
          {account: %1$s, load_balancer: %2$s} | load_balancer must be another name than domain, which is the Worker's
          account                              | cloudflare must be a mapping
          """)
  void aWrongCloudflareIsNamedWithItsLine(String section, String message) {
    String domain = "mcp.example.com";
    String filled = section.formatted("0123456789abcdef0123456789abcdef", domain);
    rejected(ONE + "domain: " + domain + "\ncloudflare: " + filled + "\n", 4, message);
  }

  @Test
  void allMistakesOfAuthAndLimitsAreShownAtOnce() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                DeploymentFile.parse(
                    "f.yml",
                    ONE
                        + """
                        auth:
                          keys: maybe
                          jwt:
                            issuer: here
                            scopes: [a, 'b c']
                        limits:
                          address_per_minute: many
                          trusted_proxies: [all, fd00::/8]
                        """))
        .satisfies(
            e ->
                assertThat(String.valueOf(e.getMessage()).lines())
                    .satisfiesExactly(
                        l -> assertThat(l).startsWith("f.yml:4:9: keys must be true or false"),
                        l -> assertThat(l).startsWith("f.yml:6:5: jwks is needed"),
                        l -> assertThat(l).startsWith("f.yml:6:13: issuer must be an address"),
                        l -> assertThat(l).startsWith("f.yml:7:17: scopes must be single words"),
                        l -> assertThat(l).startsWith("f.yml:9:23: address_per_minute must be"),
                        l -> assertThat(l).startsWith("f.yml:10:21: trusted_proxies must be")));
  }

  @Test
  void cloudflareNeedsADomain() {
    rejected(
        ONE + "cloudflare: {account: 0123456789abcdef0123456789abcdef}",
        3,
        "cloudflare needs domain, the host name that the Worker answers");
  }

  @Test
  void aVariableThatIsListedAsASecretIsNoVariable() {
    rejected(
        "origins: [{name: a, env: {SUPABASE_URL: x}}]\nsecrets: {SUPABASE_URL: [origins]}",
        1,
        "SUPABASE_URL is a secret");
  }

  @Test
  void aKeyGivenTwiceNamesBothLines() {
    rejected(ONE + "edge: {}\nservice: a\nedge: {}\n", 5, "the first is in line 3");
  }

  @Test
  void aValueThatContainsItselfIsRejected() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> DeploymentFile.parse("f.yml", "origins: &all [*all]"))
        .withMessageContaining("f.yml:1:10: a value must not contain itself");
  }

  private static void rejected(String text, int line, String message) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> DeploymentFile.parse("f.yml", text))
        .withMessageMatching(line == 0 ? "f\\.yml: .*" : "f\\.yml:" + line + ":[0-9]+: .*")
        .withMessageContaining(message);
  }

  /** Deep nesting would use up the stack, and aliases of aliases the memory. */
  @ParameterizedTest
  @ValueSource(strings = {"[", "{a: ", "- "})
  void oneThatIsNestedDeepIsRefused(String level) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> DeploymentFile.parse("f.yml", level.repeat(100_000)))
        .withMessage("f.yml: is not YAML: it is nested more than 50 levels deep");
  }

  @Test
  void oneWithAliasesOfAliasesIsRefused() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 40; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> DeploymentFile.parse("f.yml", bomb.toString()))
        .withMessageContaining("is not YAML: ");
  }
}
