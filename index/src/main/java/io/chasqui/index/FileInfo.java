package io.chasqui.index;

/**
 * A file as the manifest knows it.
 *
 * @param name inside the index directory
 * @param length bytes of the whole file
 * @param digest CRC32C over header and block checksums, hence over everything
 */
record FileInfo(String name, long length, int digest) {}
