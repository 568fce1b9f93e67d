package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class UsageTest {
  private record Result(int code, String out, String err) {}

  private static Result run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return new Result(line.execute(arguments), out.toString(), err.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "up",
        "down",
        "status",
        "logs",
        "metrics",
        "drain",
        "undrain",
        "restart",
        "service",
        "service install",
        "service uninstall",
        "service status",
        "drill",
        "deploy",
        "verify",
        "rollback",
        "history",
        "alerts",
        "alerts test",
        "keys",
        "keys create",
        "keys register",
        "keys list",
        "keys revoke",
        "plans",
        "plans list",
        "plans set",
        "users",
        "users list",
        "users set",
        "users export",
        "users import",
        "backup",
        "restore",
        "mount",
        "mount add",
        "mount list",
        "mount test",
        "mount remove",
        "mount import",
        "mount approve",
        "connect",
        "doctor",
        "init",
        "origin",
        "edge",
        "secrets",
        "secrets sync",
        "secrets check",
        "secrets rotate",
        "completion",
        "help"
      })
  void eachCommandHasHelpWithExamplesAndExitCodes(String command) {
    Result help = run((command + " --help").split(" ", -1));

    assertThat(help.code()).isZero();
    assertThat(help.out())
        .contains("Usage: mcpist " + command, "\nExamples:\n  ", "\nExit codes:\n")
        .contains("  0  done", "  2  wrong usage");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "up",
        "down",
        "status",
        "logs",
        "metrics",
        "drain",
        "undrain",
        "restart",
        "service install",
        "service uninstall",
        "service status",
        "drill",
        "deploy",
        "verify",
        "rollback",
        "history",
        "alerts test",
        "keys create",
        "keys register",
        "keys list",
        "keys revoke",
        "plans list",
        "plans set",
        "users list",
        "users set",
        "users export",
        "users import",
        "backup",
        "restore",
        "mount add",
        "mount list",
        "mount test",
        "mount remove",
        "mount import",
        "mount approve",
        "origin"
      })
  void eachCommandOfThePairTakesItsFolder(String command) {
    assertThat(run((command + " --help").split(" ", -1)).out()).contains("--data=DIR");
  }

  @Test
  void theHelpOfAllNamesEachCommand() {
    assertThat(run("--help").out())
        .contains(
            "up",
            "down",
            "status",
            "logs",
            "metrics",
            "drain",
            "undrain",
            "restart",
            "drill",
            "deploy",
            "verify",
            "rollback",
            "history",
            "keys",
            "plans",
            "users",
            "backup",
            "restore",
            "connect",
            "doctor",
            "origin",
            "edge");
    assertThat(run("--version").out()).isEqualTo("mcpist dev\n");
  }

  @Test
  void helpIsACommandToo() {
    assertThat(run("help", "keys", "create")).isEqualTo(run("keys", "create", "--help"));
    assertThat(run("help")).isEqualTo(run("--help"));
    assertThat(run("help", "keys", "crate").err()).contains("Did you mean create?");
  }

  @Test
  void theManPageHasEveryCommand() {
    Result man = run("help", "--man");

    assertThat(man.code()).isZero();
    assertThat(man.out())
        .startsWith(".TH MCPIST 1 ")
        .contains(
            ".SS mcpist up [OPTIONS]\n",
            ".SS mcpist keys create [OPTIONS] NAME\n",
            ".B \\-\\-port=PORT\n",
            "\\(gamcpist down\\(ga");
    assertThat(man.out().lines().filter(line -> line.matches("[.'].*")))
        .allMatch(line -> line.matches("[.](TH|nh|ad|SH|SS|PP|TP|B|EX|EE)( .*)?"));
  }

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    String script = run("completion", "bash").out();

    assertThat(completed(script, "mcpist", "key")).isEqualTo("keys");
    assertThat(completed(script, "mcpist", "keys", "cr")).isEqualTo("create");
    assertThat(completed(script, "mcpist", "up", "--det")).isEqualTo("--detach");
    assertThat(completed(script, "mcpist", "completion", "f")).isEqualTo("fish");
    assertThat(run("completion", "zsh").out()).isEqualTo(script).contains("bashcompinit");
  }

  private static String completed(String script, String... words) throws Exception {
    String line = String.join(" ", words);
    Process bash = new ProcessBuilder("bash", "--norc").redirectError(Redirect.DISCARD).start();
    try (Writer in = bash.outputWriter()) {
      in.write(script);
      in.write("\nCOMP_WORDS=(" + line + ")\nCOMP_CWORD=" + (words.length - 1) + "\n");
      in.write("COMP_LINE='" + line + "'\nCOMP_POINT=" + line.length() + "\n");
      in.write("_complete_mcpist; echo \"${COMPREPLY[*]}\"\n");
    }
    return new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  @Test
  void fishCompletesThemToo() {
    String seen = "__fish_seen_subcommand_from ";
    assertThat(run("completion", "fish").out().lines())
        .allMatch(line -> line.startsWith("complete -c mcpist "))
        .contains(
            "complete -c mcpist -f",
            "complete -c mcpist -n '"
                + seen
                + "up' -l detach -s d"
                + " -d 'Return when the pair is up, and leave it running.'",
            "complete -c mcpist -n '" + seen + "restore' -F",
            "complete -c mcpist -n '"
                + seen
                + "up' -l data -r -F"
                + " -d 'The pair\\'s data folder (default: ~/.local/share/mcpist).'",
            "complete -c mcpist -n '" + seen + "completion' -a 'bash zsh fish'")
        .anyMatch(
            line ->
                line.startsWith(
                    "complete -c mcpist -n '"
                        + seen
                        + "keys; and not "
                        + seen
                        + "create register list revoke' -a create -d "));
  }

  @Test
  void hintsRepeatWhatNamesThePair() {
    assertThat(run("logs", "--data", "no such folder").err())
        .contains("in " + Path.of("no such folder").toAbsolutePath())
        .contains("`mcpist up --data 'no such folder'` starts one.");
    assertThat(run("logs", "--data", "/nowhere", "--json").err())
        .contains("`mcpist up --data /nowhere`");
  }

  @Test
  void noCommandIsWrongUsage() {
    Result none = run();

    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("Which command?", "`mcpist --help` says more.");
  }

  @Test
  void aMistypedCommandIsRecognised() {
    Result wrong = run("statsu");

    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("statsu", "Did you mean", "status");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "up --prot 1",
        "up --port eighty",
        "up --port 70000",
        "drain",
        "restart",
        "logs a b",
        "drill --fault flood",
        "drill --calls 0",
        "drill --clients 0",
        "drill --tools twice",
        "drill --mount-start 1m",
        "drill --mount-answer 1m",
        "drill --mount-answer-kib 1001",
        "deploy --strategy standby",
        "deploy --timeout ten",
        "deploy --edge ftp://example.com",
        "history --limit 0",
        "keys",
        "keys create",
        "keys create -x",
        "keys create a/b",
        "keys create 0198a6f2-5b1c-7a3e-9d4f-2c6b8e0a1d3f",
        "keys create a --user key:0123",
        "keys create a --expires 2020-01-01",
        "keys register a",
        "keys register --digest 0",
        "keys list --limit 0",
        "keys revoke",
        "plans set team",
        "plans set Team --calls-per-minute 1 --calls-at-once 1",
        "plans set team --calls-per-minute 0 --calls-at-once 1",
        "plans set team --calls-per-minute 1 --calls-at-once 1 --storage-mib 0",
        "users list --limit 0",
        "users set alice",
        "users set alice --plan Gold",
        "users export",
        "users export key:1",
        "users import alice",
        "users import alice no-such-file",
        "backup",
        "restore",
        "mount",
        "mount add",
        "mount add x",
        "mount test",
        "mount test no-such-mount",
        "mount remove",
        "mount import no-such-file",
        "mount approve",
        "connect",
        "connect 127.0.0.1:8080",
        "connect https://user@example.com/mcp",
        "connect http://127.0.0.1:8080/mcp --key-file no-such-file",
        "verify --timeout 0",
        "completion tcsh",
        "help no-such-command",
        "help up now",
        "init --local --domain mcp.example.com",
        "doctor"
      })
  void wrongArgumentsAreTwo(String line) {
    Result wrong = run(line.split(" ", -1));

    assertThat(wrong.code()).as(wrong.err()).isEqualTo(2);
    assertThat(wrong.err()).doesNotContain("Exception", "\tat ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://mcp.example.com/mcp",
        "http://localhost.example.com/mcp",
        "http://127.0.0.1.example.com/mcp",
        "http://192.168.1.4:8080/mcp",
        "HTTP://[fe80::1]/mcp"
      })
  void aKeyIsNotSentInClearText(String url, @TempDir Path temp) throws Exception {
    Path key = Files.writeString(temp.resolve("key"), "mk_1");

    Result refused = run("connect", url, "--key-file", key.toString());

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("in clear text", "https://").doesNotContain("mk_1");
  }

  @Test
  void aMistypedFaultIsRecognised() {
    assertThat(run("drill", "--fault", "kill,partiton").err())
        .contains("partiton", "Did you mean partition?");
  }

  @Test
  void theUnexpectedIsOneSentenceWithoutATrace() throws Exception {
    CommandLine line = Main.commandLine();
    StringWriter err = new StringWriter();
    line.setErr(new PrintWriter(err));

    int code =
        line.getExecutionExceptionHandler()
            .handleExecutionException(
                new IllegalStateException("the disk is full\nand more"),
                line,
                line.parseArgs("status"));

    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .contains("the disk is full")
        .doesNotContain("and more", "IllegalStateException", "\tat ");
  }
}
