package com.mcpist.cli.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.cli.console.Failure;
import com.mcpist.deploy.config.Auth;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.config.Hosting;
import com.mcpist.deploy.config.NewDeployment;
import com.mcpist.deploy.config.NewDeployment.Kind;
import com.mcpist.deploy.config.NewDeployment.Question;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InterviewTest {
  private final Map<Question, String> answers = new EnumMap<>(Question.class);
  private final List<String> prompts = new ArrayList<>();
  private final List<String> said = new ArrayList<>();

  private void ask(String... lines) throws Failure {
    Iterator<String> next = List.of(lines).iterator();
    new Init.Interview(
            Kind.PLATFORMS,
            prompt -> {
              prompts.add(prompt);
              return next.hasNext() ? next.next() : null;
            },
            said::add)
        .ask(answers);
  }

  @Test
  void theAnswersMakeADeployment() throws Exception {
    ask(
        "notes",
        "notes.example.com",
        "ghcr.io/me/notes:main",
        "notes",
        "8b2a91f0",
        "https://notes-me.koyeb.app",
        "notes-me",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "no",
        "false",
        "",
        "");

    Deployment deployment =
        DeploymentFile.parse("f", new NewDeployment(Kind.PLATFORMS, answers).text());
    assertThat(deployment.service()).isEqualTo("notes");
    assertThat(deployment.origins().get(0).hosting())
        .isEqualTo(new Hosting.Koyeb("notes", "8b2a91f0"));
    assertThat(deployment.origins().get(1).hosting())
        .isEqualTo(new Hosting.Fly("notes-me", List.of(), Optional.empty()));
    assertThat(deployment.origins().get(1).url()).contains("https://notes-me.fly.dev");
    assertThat(deployment.auth()).isEmpty();
    assertThat(deployment.notifications().webhook()).isEmpty();
    assertThat(deployment.secrets().keySet())
        .as("what such a deployment uses, and no more")
        .containsExactlyInAnyOrder(
            "GATEWAY_SECRET",
            "ADMIN_TOKEN",
            "DATABASE_URL",
            "MIGRATION_DATABASE_URL",
            "KOYEB_TOKEN",
            "FLY_API_TOKEN");
    assertThat(prompts).contains("The origin's address on Fly.io [https://notes-me.fly.dev]: ");
    assertThat(said).containsExactly("  it must be true or false");
  }

  /** Koyeb need not be one of them. */
  @Test
  void aDeploymentOnFlyAndOnAHostOfOnesOwn() throws Exception {
    ask(
        "notes",
        "notes.example.com",
        "ghcr.io/me/notes:main",
        "",
        "notes-me",
        "",
        "",
        "",
        "",
        "me@server.example.com",
        "",
        "https://server.example.com",
        "",
        "",
        "",
        "",
        "",
        "",
        "");

    Deployment deployment =
        DeploymentFile.parse("f", new NewDeployment(Kind.PLATFORMS, answers).text());
    assertThat(deployment.originNames()).containsExactly("flyio-standby", "home-server");
    assertThat(deployment.origins().get(1).hosting())
        .isEqualTo(
            new Hosting.Ssh(
                "me@server.example.com",
                "notes",
                new Hosting.Ssh.Listen("127.0.0.1", 8000),
                Optional.empty()));
    assertThat(deployment.secrets()).doesNotContainKey("KOYEB_TOKEN");
    assertThat(said).isEmpty();
  }

  @Test
  void whereAnIssuerPublishesItsKeysFollowsFromItsName() throws Exception {
    answers.putAll(NewDeployment.example().answers());
    answers.remove(Question.JWT_JWKS);
    answers.remove(Question.JWT_SCOPES);
    answers.put(Question.JWT_ISSUER, "https://id.example.com/");

    ask("", "");

    Deployment deployment =
        DeploymentFile.parse("f", new NewDeployment(Kind.PLATFORMS, answers).text());
    assertThat(deployment.auth())
        .contains(
            new Auth.Required(
                true,
                Optional.of(
                    new Auth.Tokens.Issuer(
                        "https://id.example.com/",
                        "https://id.example.com/.well-known/jwks.json",
                        Optional.of("https://mcp.example.com/mcp"),
                        List.of()))));
  }

  @Test
  void whereAProjectAtSupabasePublishesItsKeysIsNotAskedFor() throws Exception {
    answers.putAll(NewDeployment.example().answers());
    answers.remove(Question.JWT_ISSUER);
    answers.remove(Question.JWT_JWKS);
    answers.remove(Question.JWT_SCOPES);

    ask("supabase", "");

    assertThat(said).isEmpty();
    assertThat(prompts).noneMatch(prompt -> prompt.contains("public keys"));
    assertThat(DeploymentFile.parse("f", new NewDeployment(Kind.PLATFORMS, answers).text()).auth())
        .contains(
            new Auth.Required(
                true,
                Optional.of(
                    new Auth.Tokens.Supabase(
                        Optional.of("https://mcp.example.com/mcp"), List.of()))));
  }

  @Test
  void anAnswerThatWillNotDoIsAskedForAgainWithTheReason() {
    answers.put(Question.SERVICE, "notes");

    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> ask("https://notes.example.com", "", "notes.example.com"))
        .withMessage("nothing was written.");
    assertThat(said)
        .satisfiesExactly(
            line -> assertThat(line).contains("domain must be a host name"),
            line -> assertThat(line).contains("it is needed"));
    assertThat(answers).containsEntry(Question.DOMAIN, "notes.example.com");
  }

  @Test
  void whatAnOptionSaysIsNotAskedFor() throws Exception {
    answers.putAll(NewDeployment.example().answers());

    ask();
    assertThat(prompts).isEmpty();
  }
}
