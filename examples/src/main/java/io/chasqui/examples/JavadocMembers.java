package io.chasqui.examples;

import com.github.javaparser.ast.Node;
import com.github.javaparser.ast.NodeList;
import com.github.javaparser.ast.body.AnnotationDeclaration;
import com.github.javaparser.ast.body.AnnotationMemberDeclaration;
import com.github.javaparser.ast.body.BodyDeclaration;
import com.github.javaparser.ast.body.CallableDeclaration;
import com.github.javaparser.ast.body.ClassOrInterfaceDeclaration;
import com.github.javaparser.ast.body.ConstructorDeclaration;
import com.github.javaparser.ast.body.EnumConstantDeclaration;
import com.github.javaparser.ast.body.EnumDeclaration;
import com.github.javaparser.ast.body.FieldDeclaration;
import com.github.javaparser.ast.body.Parameter;
import com.github.javaparser.ast.body.RecordDeclaration;
import com.github.javaparser.ast.body.TypeDeclaration;
import com.github.javaparser.ast.comments.Comment;
import com.github.javaparser.ast.comments.JavadocComment;
import com.github.javaparser.ast.nodeTypes.NodeWithJavadoc;
import com.github.javaparser.ast.nodeTypes.modifiers.NodeWithAccessModifiers;
import com.github.javaparser.ast.type.ArrayType;
import com.github.javaparser.ast.type.ClassOrInterfaceType;
import com.github.javaparser.ast.type.Type;
import io.chasqui.Document;
import io.chasqui.Metadata;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The documented public and protected members of one source file. Confined to one thread. */
final class JavadocMembers {
  private final String packageName;
  private final List<JavadocMember> members = new ArrayList<>();

  JavadocMembers(String packageName) {
    this.packageName = packageName;
  }

  List<JavadocMember> members() {
    return members;
  }

  /** Adds a top-level type and what it encloses. */
  void addType(TypeDeclaration<?> type) {
    if (isVisible(type)) {
      addVisibleType(type, "");
    }
  }

  private void addVisibleType(TypeDeclaration<?> type, String enclosing) {
    String name = enclosing + type.getNameAsString();
    add(type, kind(type), name, "", name);
    if (type instanceof EnumDeclaration e) {
      for (EnumConstantDeclaration constant : e.getEntries()) {
        String id = constant.getNameAsString();
        add(constant, "constant", name, "#" + id, name + "." + id);
      }
    }
    boolean implicitlyPublic =
        type instanceof AnnotationDeclaration
            || (type instanceof ClassOrInterfaceDeclaration c && c.isInterface());
    for (BodyDeclaration<?> member : type.getMembers()) {
      addMember(member, name, implicitlyPublic);
    }
  }

  private void addMember(BodyDeclaration<?> member, String type, boolean implicitlyPublic) {
    if (member instanceof AnnotationMemberDeclaration element) {
      String name = element.getNameAsString();
      add(element, "method", type, "#" + name + "()", type + "." + name + "()");
    }
    if (!(member instanceof NodeWithAccessModifiers<?> declared
        && (isVisible(declared) || (implicitlyPublic && !declared.isPrivate())))) {
      return;
    }
    if (member instanceof TypeDeclaration<?> nested) {
      addVisibleType(nested, type + ".");
    } else if (member instanceof FieldDeclaration field) {
      field
          .getVariables()
          .forEach(
              v ->
                  add(
                      field,
                      "field",
                      type,
                      "#" + v.getNameAsString(),
                      type + "." + v.getNameAsString()));
    } else if (member instanceof CallableDeclaration<?> callable) {
      String parameters =
          callable.getParameters().stream()
              .map(JavadocMembers::typeName)
              .collect(Collectors.joining(",", "(", ")"));
      boolean constructor = callable instanceof ConstructorDeclaration;
      add(
          callable,
          constructor ? "constructor" : "method",
          type,
          "#" + callable.getNameAsString() + parameters,
          (constructor ? type : type + "." + callable.getNameAsString())
              + parameters.replace(",", ", "));
    }
  }

  private void add(NodeWithJavadoc<?> node, String kind, String type, String member, String title) {
    comment(node)
        .map(comment -> JavadocText.parse(comment.getContent()))
        .ifPresent(javadoc -> add(javadoc, kind, type, member, title));
  }

  /** The node's Javadoc, also where a line comment stands between them. */
  private static Optional<JavadocComment> comment(NodeWithJavadoc<?> node) {
    return node.getJavadocComment().or(() -> orphanBefore((Node) node));
  }

  // JavaParser gives a node its nearest comment only; a Javadoc before that is left to the parent.
  private static Optional<JavadocComment> orphanBefore(Node node) {
    Node parent = node.getParentNode().orElseThrow();
    return parent.getOrphanComments().stream()
        .filter(JavadocComment.class::isInstance)
        .map(JavadocComment.class::cast)
        .filter(c -> isBefore(c, node))
        .filter(
            c ->
                parent.getChildNodes().stream()
                    .noneMatch(n -> !(n instanceof Comment) && isBefore(c, n) && isBefore(n, node)))
        .reduce((first, second) -> second);
  }

  private static boolean isBefore(Node first, Node second) {
    return first.getEnd().orElseThrow().isBefore(second.getBegin().orElseThrow());
  }

  private void add(JavadocText javadoc, String kind, String type, String member, String title) {
    List<String> words = List.of(javadoc.paragraph().split(" "));
    if (words.size() < JavadocCorpus.MIN_WORDS || javadoc.description().isEmpty()) {
      return;
    }
    String text =
        String.join(" ", words.subList(0, Math.min(words.size(), JavadocCorpus.MAX_WORDS)));
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("kind", kind);
    metadata.put("package", packageName);
    metadata.put("type", type.indexOf('.') < 0 ? type : type.substring(0, type.indexOf('.')));
    metadata.put("deprecated", javadoc.deprecated());
    javadoc.since().ifPresent(since -> metadata.put("since", since));
    String id = (packageName.isEmpty() ? "" : packageName + ".") + type + member;
    Document document = Document.of(id, title, text).withMetadata(Metadata.of(metadata));
    members.add(new JavadocMember(document, javadoc));
  }

  private static boolean isVisible(NodeWithAccessModifiers<?> node) {
    return node.isPublic() || node.isProtected();
  }

  private static String kind(TypeDeclaration<?> type) {
    if (type instanceof ClassOrInterfaceDeclaration c) {
      return c.isInterface() ? "interface" : "class";
    }
    if (type instanceof EnumDeclaration) {
      return "enum";
    }
    return type instanceof RecordDeclaration ? "record" : "annotation";
  }

  private static String typeName(Parameter parameter) {
    return typeName(parameter.getType()) + (parameter.isVarArgs() ? "..." : "");
  }

  /** The type without package, annotations and type arguments. */
  private static String typeName(Type type) {
    if (type instanceof ArrayType array) {
      return typeName(array.getComponentType()) + "[]";
    }
    return type instanceof ClassOrInterfaceType named
        ? named.getNameAsString()
        : type.clone().setAnnotations(new NodeList<>()).asString();
  }
}
