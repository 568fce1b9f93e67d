package com.mcpist.testkit.vendor;

import com.mcpist.testkit.vendor.OpenApi.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What a vendor takes and answers: by our own contract always, and by the vendor's published
 * description too, where the property mcpist.specs names the folder with it.
 *
 * @param url where the vendor is
 * @param contract ours, which knows all that is sent and read
 * @param published the vendor's
 */
record VendorSpec(URI url, OpenApi contract, Optional<OpenApi> published) {

  /** Read once: Koyeb's has half a megabyte. */
  private static final Map<String, VendorSpec> READ = new ConcurrentHashMap<>();

  /**
   * One vendor's.
   *
   * @param vendor its contract's name: koyeb, fly, github or cloudflare
   */
  static VendorSpec of(String vendor) {
    return READ.computeIfAbsent(vendor, VendorSpec::read);
  }

  private static VendorSpec read(String vendor) {
    JsonNode file = contract(vendor + ".yml");
    URI url = URI.create(file.path("url").asString());
    Optional<OpenApi> published =
        published(file.path("published").asString())
            .map(json -> OpenApi.published(json, url.getPath()));
    return new VendorSpec(url, OpenApi.of(new Contract(file)), published);
  }

  private static JsonNode contract(String name) {
    try (InputStream in =
        Objects.requireNonNull(VendorSpec.class.getResourceAsStream(name), name)) {
      return new YAMLMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<ObjectNode> published(String name) {
    String folder = System.getProperty("mcpist.specs", "");
    if (folder.isEmpty()) {
      return Optional.empty();
    }
    ObjectMapper mapper = name.endsWith(".json") ? JsonMapper.shared() : new YAMLMapper();
    try {
      return Optional.of((ObjectNode) mapper.readTree(Files.readString(Path.of(folder, name))));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "mcpist.specs must be the folder of the vendors' schemas, as CONTRIBUTING.md says", e);
    }
  }

  /** What is wrong with a request; empty when nothing is. */
  List<String> problems(Request request) {
    return problems(request, (api, call, lacking) -> api.problems(call, request, lacking));
  }

  /** What is wrong with the stand-in's own answer: it must not teach a client what is not so. */
  List<String> problems(Request request, Reply reply) {
    return problems(request, (api, call, lacking) -> api.problems(call, reply, lacking));
  }

  private interface Check {
    List<String> problems(OpenApi api, Operation call, Set<String> lacking);
  }

  private List<String> problems(Request request, Check check) {
    Optional<Operation> ours = contract.operation(request.method(), request.path());
    if (ours.isEmpty()) {
      return List.of("there is no " + request.method() + " " + request.path());
    }
    List<String> problems = new ArrayList<>(check.problems(contract, ours.get(), Set.of()));
    if (published.isPresent() && !ours.get().isUnpublished()) {
      published
          .get()
          .operation(request.method(), request.path())
          .ifPresentOrElse(
              theirs ->
                  problems.addAll(
                      check.problems(published.get(), theirs, ours.get().unpublished())),
              () -> problems.add("the published description has no such call"));
    }
    return problems;
  }
}
