package com.mcpist.e2e.conformance;

import com.mcpist.module.Module;
import com.mcpist.module.Question;
import com.mcpist.module.Question.InputRequired;
import com.mcpist.module.Tool;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Tools and a prompt that need the client's answers. */
final class RoundFixtures implements Module {
  private static final String PERSON =
      """
      {"username": {"type": "string", "description": "User's response"},
       "email": {"type": "string", "description": "User's email address"}}
      """;
  private static final String DEFAULTS =
      """
      {"name": {"type": "string", "default": "John Doe"},
       "age": {"type": "integer", "default": 30},
       "score": {"type": "number", "default": 95.5},
       "status": {"type": "string", "enum": ["active", "inactive", "pending"],
                  "default": "active"},
       "verified": {"type": "boolean", "default": true}}
      """;
  private static final String ENUMS =
      """
      {"untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
       "titledSingle": {"type": "string", "oneOf": [
         {"const": "value1", "title": "First Option"},
         {"const": "value2", "title": "Second Option"}]},
       "legacyEnum": {"type": "string", "enum": ["opt1", "opt2"],
                      "enumNames": ["Option One", "Option Two"]},
       "untitledMulti": {"type": "array",
                         "items": {"type": "string", "enum": ["option1", "option2", "option3"]}},
       "titledMulti": {"type": "array", "items": {"anyOf": [
         {"const": "value1", "title": "First Choice"},
         {"const": "value2", "title": "Second Choice"}]}}}
      """;

  @Override
  public String name() {
    return "rounds";
  }

  @Override
  public List<Tool> tools() {
    return List.of(
        tool("elicitation", RoundFixtures::greet),
        tool("sampling", c -> ToolResult.text(ask(c, "capital_question", capital()).toString())),
        tool(
            "list_roots",
            c -> ToolResult.text(ask(c, "client_roots", Question.folders()).toString())),
        tool("request_state", RoundFixtures::confirm),
        tool("tampered_state", RoundFixtures::confirm),
        tool("multiple_inputs", RoundFixtures::askAll),
        tool("multi_round", RoundFixtures::askTwice),
        tool("capabilities", RoundFixtures::askWhatCanBeAnswered),
        Fixtures.tool(
            "test_missing_capability",
            "Asks the client's model, whether or not the client has one",
            c -> ToolResult.text(ask(c, "sample", capital()).toString())),
        Fixtures.tool("test_streaming_elicitation", "Asks a person", RoundFixtures::greet),
        Fixtures.tool(
            "test_sampling",
            "Asks the client's model",
            anything("prompt"),
            c -> answered(c, prompt(c.arguments().path("prompt").asString()))),
        Fixtures.tool(
            "test_elicitation",
            "Asks a person",
            anything("message"),
            c -> answered(c, person(c.arguments().path("message").asString(), PERSON))),
        Fixtures.tool(
            "test_elicitation_sep1034_defaults",
            "Proposes answers",
            c -> answered(c, person("Is this right?", DEFAULTS))),
        Fixtures.tool(
            "test_elicitation_sep1330_enums",
            "Lets a person choose",
            c -> answered(c, person("Choose", ENUMS))));
  }

  private static Tool tool(String name, Tool.Handler handler) {
    return Fixtures.tool("test_input_required_result_" + name, "Asks for input", handler);
  }

  private static ObjectNode anything(String argument) {
    ObjectNode schema = Fixtures.object().put("type", "object");
    schema.putObject("properties").putObject(argument).put("type", "string");
    return schema;
  }

  private static ToolResult answered(ToolCall call, Question question) throws InputRequired {
    return ToolResult.text(ask(call, "question", question).toString());
  }

  private static Question person(String message, String properties) {
    ObjectNode schema = Fixtures.object().put("type", "object");
    schema.set("properties", JsonMapper.shared().readTree(properties));
    return Question.form(message, schema);
  }

  @Override
  public List<Module.Prompt> prompts() {
    ObjectNode definition =
        Fixtures.object()
            .put("name", "test_input_required_result_prompt")
            .put("description", "Asks for its context");
    Question question = form("What context should the prompt use?", "context", "string");
    return List.of(
        new Module.Prompt(
            definition,
            c -> {
              ObjectNode answer = ask(c, "user_context", question);
              String context = answer.path("content").path("context").asString();
              return Module.Prompt.messages(Fixtures.message(Fixtures.text("Context: " + context)));
            }));
  }

  private static ToolResult greet(ToolCall call) throws InputRequired {
    ObjectNode answer = ask(call, "user_name", form("What is your name?", "name", "string"));
    return ToolResult.text("Hello, " + answer.path("content").path("name").asString() + "!");
  }

  private static ToolResult confirm(ToolCall call) throws InputRequired {
    Question.Answers answers = call.answers();
    if (answers.to("confirm").isEmpty() || !answers.state().has("asked")) {
      throw new InputRequired(
          Map.of("confirm", form("Please confirm", "ok", "boolean")),
          Fixtures.object().put("asked", true));
    }
    return ToolResult.text("state-ok");
  }

  private static ToolResult askAll(ToolCall call) throws InputRequired {
    Question.Answers answers = call.answers();
    Map<String, Question> questions = all();
    questions.keySet().removeIf(key -> answers.to(key).isPresent());
    if (!questions.isEmpty() || answers.state().isEmpty()) {
      throw new InputRequired(all(), Fixtures.object().put("round", 1));
    }
    return ToolResult.text(answers.byKey().toString());
  }

  private static ToolResult askTwice(ToolCall call) throws InputRequired {
    Question.Answers answers = call.answers();
    ObjectNode state = answers.state().deepCopy();
    Optional<ObjectNode> name = answers.to("step1");
    if (state.path("round").asInt(0) == 0 || (!state.has("name") && name.isEmpty())) {
      throw new InputRequired(
          Map.of("step1", form("Step 1: What is your name?", "name", "string")),
          state.put("round", 1));
    }
    name.ifPresent(n -> state.put("name", n.path("content").path("name").asString()));
    Optional<ObjectNode> color = answers.to("step2");
    if (color.isEmpty()) {
      throw new InputRequired(
          Map.of("step2", form("Step 2: What is your favorite color?", "color", "string")),
          state.put("round", 2));
    }
    return ToolResult.text(
        state.path("name").asString() + " likes " + color.get().path("content").path("color"));
  }

  private static ToolResult askWhatCanBeAnswered(ToolCall call) throws InputRequired {
    Map<String, Question> questions = all();
    questions.values().removeIf(q -> !call.answers().answerable().contains(q.kind()));
    questions.keySet().removeIf(key -> call.answers().to(key).isPresent());
    if (!questions.isEmpty()) {
      throw new InputRequired(questions);
    }
    return ToolResult.text(call.answers().byKey().toString());
  }

  private static Map<String, Question> all() {
    Map<String, Question> questions = new LinkedHashMap<>();
    questions.put("user_name", form("What is your name?", "name", "string"));
    questions.put("greeting", capital());
    questions.put("client_roots", Question.folders());
    return questions;
  }

  private static ObjectNode ask(ToolCall call, String key, Question question) throws InputRequired {
    return call.answers().to(key).orElseThrow(() -> new InputRequired(Map.of(key, question)));
  }

  private static Question capital() {
    return prompt("What is the capital of France?");
  }

  private static Question prompt(String text) {
    var messages = JsonNodeFactory.instance.arrayNode();
    messages.add(Fixtures.message(Fixtures.text(text)));
    return Question.model(messages, 100);
  }

  private static Question form(String message, String field, String type) {
    ObjectNode schema = Fixtures.object().put("type", "object");
    schema.putObject("properties").putObject(field).put("type", type);
    schema.putArray("required").add(field);
    return Question.form(message, schema);
  }
}
