package com.mcpist.pair.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.Releases.Stored;
import com.mcpist.pair.database.PairDatabase.Login;
import com.mcpist.pair.supervisor.PairOptions.Links;
import com.mcpist.pair.supervisor.PairOptions.Texts;
import com.mcpist.pair.supervisor.PairRecord.OriginRecord;
import com.mcpist.pair.supervisor.ReleaseHistory.OriginRelease;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairRecordTest {
  private static final String FILE = "origins: [{name: one}, {name: two}]\nauth: {keys: true}\n";
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @TempDir private Path folder;

  private PairRecord record(int format, Optional<String> file) {
    Stored stored = new Stored("sha256:d", folder.resolve("a b"));
    OriginRelease first = OriginRelease.of(stored, Map.of("RELEASE", "r1"), Map.of());
    OriginRelease next = OriginRelease.of(stored, Map.of("RELEASE", "r2"), Map.of("S", SECRET));
    ReleaseHistory history = ReleaseHistory.of(first).starting(next).runs(next.id());
    return new PairRecord(
        format,
        folder,
        8080,
        "r1",
        Optional.of(new Texts(file, Optional.of("{\"mcpServers\": {}}"))),
        Map.of("DATABASE_URL", "postgres://me:" + SECRET + "@db/x"),
        Optional.of(new Login(Secret.of(SECRET), Secret.of(SECRET))),
        Map.of("GATEWAY_SECRET", SECRET),
        Secret.of(SECRET),
        Optional.of(Secret.of(SECRET)),
        stored,
        Set.of("two"),
        List.of(new OriginRecord("one", Map.of("S", SECRET), history)));
  }

  @Test
  void itIsReadAsItWasWritten() throws Exception {
    PairRecord written = record(PairRecord.FORMAT, Optional.of(FILE));

    assertThat(PairRecord.of(written.bytes())).isEqualTo(written);
    assertThat(written.toString()).doesNotContain(SECRET);
  }

  @Test
  void whatThisBuildCannotUseIsNone() throws Exception {
    byte[] another = record(PairRecord.FORMAT + 1, Optional.of(FILE)).bytes();
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> PairRecord.of(another));
    byte[] wrong = record(PairRecord.FORMAT, Optional.of("no: deployment")).bytes();
    assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> PairRecord.of(wrong));
    byte[] half = Arrays.copyOf(wrong, wrong.length / 2);
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> PairRecord.of(half));
    assertThat(PairRecord.remembered(folder)).as("where nobody holds one").isEmpty();
  }

  @Test
  void aPairGoesOnAsItWasStartedWhateverIsSaidNow() throws Exception {
    PairRecord record = record(PairRecord.FORMAT, Optional.of(FILE));
    Map<String, String> elsewhere = Map.of("DATABASE_URL", "postgres://other@db/x");

    PairOptions options = record.options(folder);

    assertThat(options.port()).isEqualTo(8080);
    assertThat(options.deployment().originNames()).containsExactly("one", "two");
    assertThat(options.guard().keys()).isTrue();
    assertThat(options.environment()).isEqualTo(record.environment());
    assertThat(record.isAsIn(options(0, Optional.of(FILE), record.environment()))).isTrue();
    assertThat(record.isAsIn(options(9090, Optional.of(FILE), record.environment()))).isFalse();
    assertThat(record.isAsIn(options(0, Optional.empty(), record.environment()))).isFalse();
    assertThat(record.isAsIn(options(0, Optional.of(FILE), elsewhere))).isFalse();
  }

  private PairOptions options(int port, Optional<String> file, Map<String, String> environment) {
    Deployment deployment = DeploymentFile.builtIn();
    return new PairOptions(
        folder,
        folder,
        port,
        "r9",
        deployment,
        Guard.onThisMachine(deployment, environment),
        environment,
        Links.DIRECT,
        Optional.of(new Texts(file, Optional.empty())));
  }
}
