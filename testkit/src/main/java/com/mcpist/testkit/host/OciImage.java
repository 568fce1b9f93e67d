package com.mcpist.testkit.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An image as registries have it.
 *
 * @param digest of its manifest, which is one of the blobs
 * @param blobs by digest
 */
public record OciImage(String digest, Map<String, byte[]> blobs) {
  /** The media type of its manifest. */
  public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
  private static final JsonMapper JSON = JsonMapper.shared();

  /** As given. */
  public OciImage {
    blobs = Map.copyOf(blobs);
  }

  /** One of a single layer, which is a tar file. */
  public static OciImage of(byte[] tar) {
    Map<String, byte[]> blobs = new HashMap<>();
    String layer = put(blobs, tar);
    ObjectNode config = JSON.createObjectNode();
    config.put("architecture", architecture()).put("os", "linux").putObject("config");
    config.putObject("rootfs").put("type", "layers").putArray("diff_ids").add(layer);
    ObjectNode manifest = JSON.createObjectNode();
    manifest.put("schemaVersion", 2).put("mediaType", MANIFEST);
    describe(manifest.putObject("config"), CONFIG, "", 0);
    describe(manifest.putArray("layers").addObject(), LAYER, layer, tar.length);
    return packed(manifest, config, blobs);
  }

  /** One that a program has written as an OCI layout. */
  public static OciImage read(Path layout) throws IOException {
    Map<String, byte[]> blobs = new HashMap<>();
    try (Stream<Path> files = Files.list(layout.resolve("blobs/sha256"))) {
      for (Path file : files.toList()) {
        blobs.put("sha256:" + file.getFileName(), Files.readAllBytes(file));
      }
    }
    JsonNode index = JSON.readTree(layout.resolve("index.json").toFile());
    return new OciImage(index.at("/manifests/0/digest").asString(), blobs);
  }

  /** Writes it as an OCI layout into a folder, and returns that. */
  public Path write(Path layout) throws IOException {
    Path files = Files.createDirectories(layout.resolve("blobs/sha256"));
    for (Map.Entry<String, byte[]> one : blobs.entrySet()) {
      Files.write(files.resolve(one.getKey().replaceFirst(".*:", "")), one.getValue());
    }
    ObjectNode index = JSON.createObjectNode().put("schemaVersion", 2);
    describe(index.putArray("manifests").addObject(), MANIFEST, digest, blob(digest).length);
    Files.writeString(layout.resolve("index.json"), index.toString());
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\": \"1.0.0\"}");
    return layout;
  }

  /** The same files, run otherwise. */
  public OciImage with(Consumer<ObjectNode> change) {
    ObjectNode manifest = (ObjectNode) JSON.readTree(blob(digest));
    String name = manifest.at("/config/digest").asString();
    ObjectNode config = (ObjectNode) JSON.readTree(blob(name));
    change.accept((ObjectNode) config.path("config"));
    Map<String, byte[]> others = new HashMap<>(blobs);
    others.remove(digest);
    others.remove(name);
    return packed(manifest, config, others);
  }

  private byte[] blob(String name) {
    return Objects.requireNonNull(blobs.get(name));
  }

  private static OciImage packed(
      ObjectNode manifest, ObjectNode config, Map<String, byte[]> blobs) {
    byte[] bytes = config.toString().getBytes(StandardCharsets.UTF_8);
    ((ObjectNode) manifest.path("config"))
        .put("digest", put(blobs, bytes))
        .put("size", bytes.length);
    return new OciImage(put(blobs, manifest.toString().getBytes(StandardCharsets.UTF_8)), blobs);
  }

  private static void describe(ObjectNode what, String type, String digest, int size) {
    what.put("mediaType", type).put("digest", digest).put("size", size);
  }

  private static String put(Map<String, byte[]> blobs, byte[] bytes) {
    String digest = "sha256:" + HexFormat.of().formatHex(sha256().digest(bytes));
    blobs.put(digest, bytes);
    return digest;
  }

  /** As Go calls it. */
  private static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("aarch64") ? "arm64" : name;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
