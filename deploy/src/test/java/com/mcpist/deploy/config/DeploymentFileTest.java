package com.mcpist.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeploymentFileTest {
  private static final String ONE = "origins:\n  - name: one\n";

  @Test
  void theBuiltInFileDescribesThePairAndItsDefaults() {
    Deployment pair = DeploymentFile.builtIn();

    assertThat(pair.service()).isEqualTo("mcpist");
    assertThat(pair.originNames()).containsExactly("koyeb-primary", "flyio-standby");
    assertThat(pair.origins().get(0).env())
        .containsEntry("ENVIRONMENT", "production-primary")
        .containsEntry("LOG_PREFIX", "[koyeb]");
    assertThat(pair.origins().get(1).env())
        .containsEntry("ENVIRONMENT", "production-standby")
        .containsEntry("LOG_PREFIX", "[flyio]");
    assertThat(pair.monitor()).isEqualTo(Monitor.DEFAULT);
    assertThat(pair.edge()).isEqualTo(Edge.DEFAULT);
  }

  @Test
  void whatIsAbsentHasItsDefault() throws ConfigException {
    Deployment deployment = DeploymentFile.parse("f", ONE);

    assertThat(deployment.monitor()).isEqualTo(Monitor.DEFAULT);
    assertThat(deployment.edge()).isEqualTo(Edge.DEFAULT);
    assertThat(deployment.origins().getFirst().url()).isEmpty();
  }

  @Test
  void everyValueIsRead() throws ConfigException {
    Deployment deployment =
        DeploymentFile.parse(
            "f",
            """
            service: notes
            origins:
              - name: one
                platform: fly
                url: https://one.example.com
                env: {ENVIRONMENT: production-standby, FLAG: 7}
            monitor:
              path: /ready
              interval: 1m
              timeout: 250ms
              retries: 0
              consecutive_down: 4
              consecutive_up: 5
              expected_body: fine
              expected_code: 204
            edge:
              wait: 7s
              connect_timeout: 400ms
              idle_timeout: 2s
              max_body: 512KiB
              replay: safe
            """);

    Origin origin = deployment.origins().getFirst();
    assertThat(deployment.service()).isEqualTo("notes");
    assertThat(origin.platform()).contains("fly");
    assertThat(origin.url()).contains("https://one.example.com");
    assertThat(origin.env())
        .containsEntry("FLAG", "7")
        .containsEntry("ENVIRONMENT", "production-standby");
    assertThat(deployment.monitor())
        .isEqualTo(
            new Monitor(
                "/ready", Duration.ofMinutes(1), Duration.ofMillis(250), 0, 4, 5, "fine", 204));
    assertThat(deployment.edge())
        .isEqualTo(
            new Edge(
                Duration.ofSeconds(7),
                Duration.ofMillis(400),
                Duration.ofSeconds(2),
                512 * 1024,
                Edge.Replay.SAFE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          monitr: {}                                  | 3 | unknown key "monitr" in the file. Known keys: service, origins, monitor, edge. Did you mean monitor?
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
          edge: {max_body: 0}                         | 3 | must be 1 to 1024MiB
          edge: {replay: al}                          | 3 | replay must be all or safe, not "al". Did you mean all?
          service: My Service                         | 3 | service must be lower-case letters
          service: [a]                                | 3 | service must be a single value, not a list
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
          - {name: two, platform: flyio}              | 3 | platform must be koyeb or fly, not "flyio". Did you mean fly?
          - {name: two, url: "ftp://x"}               | 3 | url must be an address
          - {name: two, url: "https://x.org/mcp"}     | 3 | url must be an address
          - {name: two, url: "https://u:p@x.org"}     | 3 | url must be an address
          - {name: two, env: {lower: x}}              | 3 | no name of an environment variable
          - {name: two, env: {GATEWAY_SECRET: x}}     | 3 | GATEWAY_SECRET is a secret and does not belong in this file
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
          ''                    | 0 | is empty
          'service: x'          | 1 | origins must name one origin at least
          'origins: []'         | 1 | origins must name one origin at least
          'origins: {a: b}'     | 1 | origins must be a list
          '- a'                 | 1 | the file must be a mapping
          'origins: [x'         | 1 | is not YAML
          """)
  void aWrongFileIsSaidInOneLine(String text, int line, String message) {
    rejected(text, line, message);
  }

  @Test
  void aKeyGivenTwiceNamesBothLines() {
    rejected(ONE + "edge: {}\nservice: a\nedge: {}\n", 5, "the first is in line 3");
  }

  @Test
  void aFolderWithoutAFileHasTheBuiltInDeployment(@TempDir Path folder) throws Exception {
    assertThat(DeploymentFile.find(folder)).isEqualTo(DeploymentFile.builtIn());

    Files.writeString(folder.resolve("mcpist.yml"), ONE);

    assertThat(DeploymentFile.find(folder).originNames()).containsExactly("one");
  }

  @Test
  void aFileThatIsNoTextIsRejected(@TempDir Path folder) throws Exception {
    Files.write(folder.resolve("mcpist.yml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> DeploymentFile.find(folder))
        .withMessageContaining("mcpist.yml: cannot be read");
  }

  private static void rejected(String text, int line, String message) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> DeploymentFile.parse("f.yml", text))
        .withMessageStartingWith(line == 0 ? "f.yml: " : "f.yml:" + line + ": ")
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }
}
