package com.mcpist.deploy.platform.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.testkit.vendor.Fault;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerSecretsTest extends CloudflareTest {
  @Test
  void secretsAreStoredListedByNameAndRemoved() throws Exception {
    deployed(ONE);

    assertThat(
            secrets.putSecrets(
                Map.of("GATEWAY_SECRET", Secret.of("one"), "ADMIN_TOKEN", Secret.of("two")),
                deadline))
        .isEqualTo(
            Map.of("GATEWAY_SECRET", SecretChange.CREATED, "ADMIN_TOKEN", SecretChange.CREATED));
    assertThat(secrets.putSecrets(Map.of("GATEWAY_SECRET", Secret.of("one,three")), deadline))
        .isEqualTo(Map.of("GATEWAY_SECRET", SecretChange.UPDATED));
    assertThat(secrets.secretNames(deadline)).containsExactly("ADMIN_TOKEN", "GATEWAY_SECRET");
    assertThat(cloudflare.secret("GATEWAY_SECRET")).contains("one,three");
  }

  @Test
  void aWorkerThatIsNotThereIsSaid() {
    failed(
        () -> secrets.putSecrets(Map.of("GATEWAY_SECRET", Secret.of("one")), deadline),
        Kind.NOT_FOUND,
        "This Worker does not exist on your account. (10007). Check account and worker");
  }

  @Test
  void whatIsCutIsSentAgain() throws Exception {
    deployed(ONE);
    cloudflare.fail("PUT .*/secrets", new Fault.Cut(true), Fault.status(503, ""));

    secrets.putSecrets(Map.of("GATEWAY_SECRET", Secret.of("one")), deadline);
    assertThat(cloudflare.secret("GATEWAY_SECRET")).contains("one");
  }
}
