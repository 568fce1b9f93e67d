package com.mcpist.cli.setup;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.site.SiteCommand.App;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.config.NewDeployment;
import com.mcpist.deploy.config.NewDeployment.Kind;
import com.mcpist.deploy.config.NewDeployment.Question;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "init",
    description = {
      "Writes mcpist.yml into the current folder. It has a comment for each key.",
      "",
      "On a terminal it asks for what the options do not say. It asks for no secret: the"
          + " file has none.",
      "",
      "--local writes the file of a pair on this machine. Of the options below, it takes"
          + " those that begin with --auth and --jwt."
    },
    footer = {
      "  mcpist init",
      "  # For a pair on this machine, whose clients need a key:",
      "  mcpist init --local --auth-keys true",
      "  # Without questions:",
      "  mcpist init --domain mcp.example.com --image ghcr.io/me/notes:main \\",
      "      --koyeb-app notes --koyeb-service 8b2a91f0 \\",
      "      --koyeb-url https://notes-me.koyeb.app --fly-app notes-me"
    })
public final class Init implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--local", description = "Describe a pair on this machine, and no platforms.")
  private boolean local;

  @Option(names = "--force", description = "Replace a mcpist.yml that is there.")
  private boolean force;

  // picocli sets the fields.
  @SuppressWarnings("NullAway.Init")
  Init() {}

  /** An option for each question: there are as many as the file's template has. */
  public static void addQuestions(CommandSpec init) {
    for (Question question : Question.values()) {
      // One standard depends on another answer, for which the sample stands here.
      boolean standard = question.standard(NewDeployment.example().answers()).isPresent();
      String needed = question.needed() && !standard ? "" : " Optional.";
      init.addOption(
          OptionSpec.builder("--" + question.key())
              .type(String.class)
              .paramLabel("TEXT")
              .description(question.text() + sample(question) + "." + needed)
              .build());
    }
  }

  /** Unless the question says what there is to choose from. */
  private static String sample(Question question) {
    return question.text().contains(question.sample()) ? "" : ", such as " + question.sample();
  }

  @Override
  public Integer call() throws Exception {
    Path file = App.callersFolder().resolve(DeploymentFile.NAME);
    if (Files.exists(file) && !force) {
      throw Failure.usage(file + " exists already. With --force it is replaced.");
    }
    Kind kind = local ? Kind.PAIR : Kind.PLATFORMS;
    Map<Question, String> answers = given(kind);
    Console console = Terminal.console();
    if (console == null) {
      standards(kind, answers);
    } else {
      Consumer<String> printer = text -> console.printf("%s%n", text);
      new Interview(kind, console::readLine, printer).ask(answers);
    }
    write(file, new NewDeployment(kind, answers).text());
    System.out.println("Wrote " + file + ". Its comments say what each key means.");
    return ExitCode.OK;
  }

  private Map<Question, String> given(Kind kind) throws Failure {
    Map<Question, String> answers = new EnumMap<>(Question.class);
    for (Question question : Question.values()) {
      Optional<String> answer =
          Optional.ofNullable(spec.findOption("--" + question.key())).map(OptionSpec::getValue);
      Optional<String> problem = answer.flatMap(question::problem);
      if (problem.isPresent()) {
        throw Failure.usage("--" + question.key() + ": " + problem.get());
      }
      if (answer.isPresent() && !question.isFor(kind)) {
        throw Failure.usage("--" + question.key() + " is for platforms: leave out --local, or it.");
      }
      answer.ifPresent(text -> answers.put(question, text));
    }
    return answers;
  }

  private static void standards(Kind kind, Map<Question, String> answers) throws Failure {
    for (Question question : kind.questions()) {
      question.standard(answers).ifPresent(text -> answers.putIfAbsent(question, text));
    }
    String missing =
        kind.questions().stream()
            .filter(one -> one.needed() && one.follows(answers) && !answers.containsKey(one))
            .map(one -> "--" + one.key())
            .collect(Collectors.joining(", "));
    if (!missing.isEmpty()) {
      throw Failure.usage("there is no terminal to ask on: give " + missing + ".");
    }
  }

  /** All of it or nothing. */
  private static void write(Path file, String text) throws IOException {
    Path part = Files.createTempFile(file.toAbsolutePath().getParent(), "mcpist-", ".part");
    try {
      Files.writeString(part, text);
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Asks for what is not known yet, and again where an answer will not do. */
  record Interview(Kind kind, Function<String, @Nullable String> reader, Consumer<String> printer) {
    /** Adds the missing answers; fails when the input ends. */
    void ask(Map<Question, String> answers) throws Failure {
      for (Question question : kind.questions()) {
        if (!answers.containsKey(question) && question.follows(answers)) {
          ask(question, question.standard(answers))
              .ifPresent(answer -> answers.put(question, answer));
        }
      }
    }

    private Optional<String> ask(Question question, Optional<String> standard) throws Failure {
      while (true) {
        String line = reader.apply(prompt(question, standard));
        if (line == null) {
          throw Failure.failed("nothing was written.");
        }
        Optional<String> answer = line.isBlank() ? standard : Optional.of(line.strip());
        if (answer.isEmpty() && !question.needed()) {
          return answer;
        }
        Optional<String> problem =
            answer.isEmpty() ? Optional.of("it is needed") : answer.flatMap(question::problem);
        if (problem.isEmpty()) {
          return answer;
        }
        printer.accept("  " + problem.get());
      }
    }

    private static String prompt(Question question, Optional<String> standard) {
      String none = question.needed() ? "" : " (Enter for none)";
      return question.text()
          + standard.map(text -> " [" + text + "]").orElse(sample(question) + none)
          + ": ";
    }
  }
}
