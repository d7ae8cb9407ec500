package io.chasqui.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The JSON header of a safetensors file, parsed as a stream so that no header needs more memory
 * than what it declares.
 *
 * @param tensors by name, offsets absolute in the file
 * @param metadata of {@code __metadata__}
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
record SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata) {
  /** As the reference implementation. */
  static final long MAX_BYTES = 100_000_000;

  /** The greatest published models have fewer than 100,000 in all their shards. */
  static final int MAX_TENSORS = 250_000;

  static final int MAX_DIMENSIONS = 64;
  static final String METADATA = "__metadata__";
  private static final int MAX_METADATA_CHARACTERS = 16_000_000;

  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

  /**
   * @param header exactly the header's bytes
   * @param dataStart where the data begins in the file
   */
  static SafetensorsHeader parse(Path file, InputStream header, long dataStart) throws IOException {
    var decoder = StandardCharsets.UTF_8.newDecoder();
    try (JsonParser parser = JSON.createParser(new InputStreamReader(header, decoder))) {
      return new Parsing(file, dataStart, parser).run();
    } catch (CharacterCodingException e) {
      throw new ModelFormatException(file, "header", "not UTF-8", e);
    } catch (JsonProcessingException e) {
      throw new ModelFormatException(file, "header", "bad JSON: " + JsonFile.reason(e), e);
    }
  }

  private record Parsing(Path file, long dataStart, JsonParser parser) {
    SafetensorsHeader run() throws IOException {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new ModelFormatException(file, "header", "expected a JSON object");
      }
      Map<String, TensorInfo> tensors = new TreeMap<>();
      Map<String, String> metadata = null;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals(METADATA)) {
          if (metadata != null) {
            throw new ModelFormatException(file, METADATA, "twice in the header");
          }
          metadata = metadata();
        } else if (tensors.put(name, tensor(name)) != null) {
          throw new ModelFormatException(file, name, "twice in the header");
        } else if (tensors.size() > MAX_TENSORS) {
          throw new ModelFormatException(file, "header", "more than " + MAX_TENSORS + " tensors");
        }
      }
      if (parser.nextToken() != null) {
        throw new ModelFormatException(file, "header", "text after the JSON object");
      }
      return new SafetensorsHeader(tensors, metadata == null ? Map.of() : metadata);
    }

    private Map<String, String> metadata() throws IOException {
      expect(JsonToken.START_OBJECT, METADATA, "an object");
      Map<String, String> metadata = new LinkedHashMap<>();
      long characters = 0;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        parser.nextToken();
        expect(JsonToken.VALUE_STRING, METADATA + "." + key, "a string");
        String value = parser.getText();
        characters += key.length() + value.length();
        if (characters > MAX_METADATA_CHARACTERS) {
          throw new ModelFormatException(
              file, METADATA, "more than " + MAX_METADATA_CHARACTERS + " characters");
        }
        if (metadata.put(key, value) != null) {
          throw new ModelFormatException(file, METADATA + "." + key, "twice in the header");
        }
      }
      return metadata;
    }

    private TensorInfo tensor(String name) throws IOException {
      expect(JsonToken.START_OBJECT, name, "an object");
      @Nullable String dtype = null;
      @Nullable List<Long> shape = null;
      @Nullable List<Long> offsets = null;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        String path = name + "." + field;
        parser.nextToken();
        boolean twice;
        switch (field) {
          case "dtype" -> {
            twice = dtype != null;
            expect(JsonToken.VALUE_STRING, path, "a string");
            dtype = parser.getText();
          }
          case "shape" -> {
            twice = shape != null;
            shape = integers(path, MAX_DIMENSIONS);
          }
          case "data_offsets" -> {
            twice = offsets != null;
            offsets = integers(path, 2);
          }
          default -> throw new ModelFormatException(file, path, "unknown field");
        }
        if (twice) {
          throw new ModelFormatException(file, path, "twice in the header");
        }
      }
      if (dtype == null || shape == null || offsets == null) {
        String missing = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
        throw new ModelFormatException(file, name + "." + missing, "missing");
      }
      return info(name, dtype(name, dtype), shape, offsets);
    }

    private TensorInfo info(String name, DType dtype, List<Long> shape, List<Long> offsets) {
      if (offsets.size() != 2 || offsets.get(1) < offsets.get(0)) {
        throw new ModelFormatException(
            file, name + ".data_offsets", "expected [begin, end], found " + offsets);
      }
      long begin = offsets.get(0);
      long length = offsets.get(1) - begin;
      long bytes = dtype.bytes();
      boolean overflow = false;
      for (long dimension : shape) {
        if (dimension == 0) {
          bytes = 0;
          overflow = false;
          break;
        }
        overflow |= bytes > Long.MAX_VALUE / dimension;
        bytes = overflow ? 1 : bytes * dimension;
      }
      if (overflow || bytes != length) {
        throw new ModelFormatException(
            file,
            name,
            "shape %s of %s needs %s bytes, data_offsets %s span %d"
                .formatted(shape, dtype, overflow ? "more than 2^63" : bytes, offsets, length));
      }
      if (begin > Long.MAX_VALUE - dataStart - length) {
        throw new ModelFormatException(
            file, name + ".data_offsets", offsets + " lie past the end of the file");
      }
      return new TensorInfo(name, dtype, shape, file, dataStart + begin, length);
    }

    private DType dtype(String name, String text) {
      for (DType dtype : DType.values()) {
        if (dtype.name().equals(text)) {
          return dtype;
        }
      }
      throw new ModelFormatException(
          file, name + ".dtype", "unknown dtype \"" + JsonFields.cut(text) + "\"");
    }

    private List<Long> integers(String path, int most) throws IOException {
      expect(JsonToken.START_ARRAY, path, "a list of integers");
      List<Long> values = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        expect(JsonToken.VALUE_NUMBER_INT, path, "a list of integers");
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            || parser.getLongValue() < 0) {
          throw new ModelFormatException(
              file, path, "expected integers from 0 to 2^63-1, found " + shown());
        }
        values.add(parser.getLongValue());
        if (values.size() > most) {
          throw new ModelFormatException(file, path, "more than " + most + " values");
        }
      }
      return values;
    }

    private void expect(JsonToken token, String path, String what) throws IOException {
      if (parser.currentToken() != token) {
        throw new ModelFormatException(file, path, "expected " + what + ", found " + shown());
      }
    }

    private String shown() throws IOException {
      return parser.currentToken() == null
          ? "the end of the header"
          : JsonFields.cut(parser.getText());
    }
  }
}
