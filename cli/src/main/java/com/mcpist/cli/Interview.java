package com.mcpist.cli;

import com.mcpist.deploy.config.NewDeployment.Question;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks for what is not known yet, and again where an answer will not do. */
final class Interview {
  private final Reader reader;
  private final Consumer<String> printer;

  /** Shows a question and reads a line. */
  @FunctionalInterface
  interface Reader {
    /** The answer; null at the end of the input. */
    @Nullable String ask(String prompt);
  }

  Interview(Reader reader, Consumer<String> printer) {
    this.reader = reader;
    this.printer = printer;
  }

  /**
   * Adds the missing answers.
   *
   * @throws Failure when the input ends
   */
  void ask(Map<Question, String> answers) throws Failure {
    for (Question question : Question.values()) {
      if (!answers.containsKey(question) && question.follows(answers)) {
        ask(question, question.standard(answers))
            .ifPresent(answer -> answers.put(question, answer));
      }
    }
  }

  private Optional<String> ask(Question question, Optional<String> standard) throws Failure {
    while (true) {
      String line = reader.ask(prompt(question, standard));
      if (line == null) {
        throw Failure.failed("nothing was written.");
      }
      Optional<String> answer = line.isBlank() ? standard : Optional.of(line.strip());
      if (answer.isEmpty() && !question.needed()) {
        return answer;
      }
      Optional<String> problem =
          answer.isEmpty()
              ? Optional.of("There is no deployment without it.")
              : answer.flatMap(question::problem);
      if (problem.isEmpty()) {
        return answer;
      }
      printer.accept("  " + problem.get());
    }
  }

  private static String prompt(Question question, Optional<String> standard) {
    String hint =
        standard
            .map(text -> " [" + text + "]")
            .orElse(
                question.needed()
                    ? ", as " + question.sample()
                    : ", as " + question.sample() + "; Enter for none");
    return question.text() + hint + ": ";
  }
}
