package io.chasqui.examples;

import io.chasqui.Document;

/**
 * A documented type or member: as a document, and its Javadoc in parts. Immutable.
 *
 * @param document what is searched
 * @param javadoc what it was made of
 */
public record JavadocMember(Document document, JavadocText javadoc) {}
