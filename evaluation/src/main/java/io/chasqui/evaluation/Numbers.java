package io.chasqui.evaluation;

/** Numbers in data files, read strictly: what is none is an error with file and line. */
final class Numbers {
  private Numbers() {}

  static double score(LineReader lines, String text) {
    double score;
    try {
      score = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw lines.problem("the score is not a number: \"" + text + "\"");
    }
    // Java takes "1.5f" for a number; no other tool does.
    boolean suffixed =
        !text.startsWith("0x") && "fFdD".indexOf(text.charAt(text.length() - 1)) >= 0;
    if (suffixed || !Double.isFinite(score)) {
      throw lines.problem("the score is not a finite number: \"" + text + "\"");
    }
    return score;
  }

  static int grade(LineReader lines, String text) {
    return integer(lines, "grade", text);
  }

  static int rank(LineReader lines, String text) {
    int rank = integer(lines, "rank", text);
    if (rank < 1) {
      throw lines.problem("ranks begin at 1: " + rank);
    }
    return rank;
  }

  private static int integer(LineReader lines, String what, String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw lines.problem("the " + what + " is not an integer: \"" + text + "\"");
    }
  }
}
