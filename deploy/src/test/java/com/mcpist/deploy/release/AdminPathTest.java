package com.mcpist.deploy.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.AdminException.Kind;
import com.mcpist.deploy.secret.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdminPathTest {
  private static final URI NOBODY = URI.create("http://127.0.0.1:9");

  private final Stage stage = new Stage();

  private AdminPath path(String secret, String token, URI... origins) {
    return new AdminPath(
        List.of(origins), List.of(new Access(Secret.of(secret), Secret.of(token))), stage.time);
  }

  @AfterEach
  void close() throws Exception {
    stage.close();
  }

  @Test
  void whatOneOriginDoesNotAnswerTheNextOneDoes() throws Exception {
    AdminPath path = path(StandInOrigin.SECRET, StandInOrigin.ADMIN, NOBODY, stage.standby.url());

    assertThat(path.lock(new UUID(1, 1), "bob", "a test", Duration.ofMinutes(1), stage.deadline()))
        .satisfies(holder -> assertThat(holder.owner()).isEqualTo("bob"));
    assertThat(path.holder(stage.deadline())).isPresent();
    path.unlock(new UUID(1, 1), stage.deadline());
    assertThat(path.holder(stage.deadline())).isEmpty();
  }

  @Test
  void whereNoneAnswersItIsAskedUntilTheDeadline() {
    AdminPath path = path(StandInOrigin.SECRET, StandInOrigin.ADMIN, NOBODY);

    assertThatExceptionOfType(AdminException.class)
        .isThrownBy(() -> path.holder(stage.deadline()))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
        .withMessageContaining("No origin answers");
  }

  @Test
  void aWrongSecretAndAWrongTokenAreToldApartAndNeverShown() {
    String wrong = "wrong-value-that-nobody-may-see-either";
    for (boolean secret : List.of(true, false)) {
      AdminPath path =
          path(
              secret ? wrong : StandInOrigin.SECRET,
              secret ? StandInOrigin.ADMIN : wrong,
              stage.primary.url());

      assertThatExceptionOfType(AdminException.class)
          .isThrownBy(() -> path.holder(stage.deadline()))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.UNAUTHORIZED))
          .withMessageContaining(secret ? "Check GATEWAY_SECRET" : "Check ADMIN_TOKEN")
          .withMessageNotContaining(wrong);
    }
  }
}
