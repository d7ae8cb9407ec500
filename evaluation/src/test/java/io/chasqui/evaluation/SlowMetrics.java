package io.chasqui.evaluation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The metrics once more, from their definitions, without looking at speed or at the main code:
 * shares nothing with it but the metrics' names.
 */
final class SlowMetrics {
  private final List<String> order = new ArrayList<>();
  private final Map<String, Integer> judged;
  private final int level;

  SlowMetrics(Map<String, Double> answer, Map<String, Integer> judged, int level, int max) {
    this.judged = judged;
    this.level = level;
    // The place of a document is the number of documents that stand before it.
    String[] places = new String[answer.size()];
    for (String id : answer.keySet()) {
      int place = 0;
      for (String other : answer.keySet()) {
        if (answer.get(other) > answer.get(id)
            || (answer.get(other).doubleValue() == answer.get(id).doubleValue()
                && bytes(other, id) > 0)) {
          place++;
        }
      }
      places[place] = id;
    }
    order.addAll(Arrays.asList(places).subList(0, Math.min(max, places.length)));
  }

  private static int bytes(String a, String b) {
    return Arrays.compareUnsigned(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  private boolean relevant(String id) {
    return judged.containsKey(id) && judged.get(id) >= level;
  }

  private long relevant() {
    return judged.keySet().stream().filter(this::relevant).count();
  }

  private long found(int k) {
    return order.stream().limit(k).filter(this::relevant).count();
  }

  double value(String name) {
    int cut = name.lastIndexOf('_');
    boolean hasCut = cut >= 0 && Character.isDigit(name.charAt(cut + 1));
    int k = hasCut ? Integer.parseInt(name.substring(cut + 1)) : Integer.MAX_VALUE;
    return switch (hasCut ? name.substring(0, cut) : name) {
      case "ndcg_cut", "ndcg" -> ndcg(k);
      case "recip_rank" -> reciprocal(order.stream().map(this::relevant).toList(), k);
      case "msmarco_mrr" -> reciprocal(order.stream().map(judged::containsKey).toList(), k);
      case "recall" -> relevant() == 0 ? 0 : found(k) / (double) relevant();
      case "P" -> found(k) / (double) k;
      case "map", "map_cut" -> averagePrecision(k);
      case "Rprec" -> relevant() == 0 ? 0 : found((int) relevant()) / (double) relevant();
      case "bpref" -> bpref();
      case "success" -> Math.min(1, found(k));
      case "num_ret" -> order.size();
      case "num_rel" -> relevant();
      case "num_rel_ret" -> found(Integer.MAX_VALUE);
      default -> throw new AssertionError(name);
    };
  }

  private double ndcg(int k) {
    List<Integer> gains = order.stream().map(id -> judged.getOrDefault(id, 0)).toList();
    List<Integer> best = judged.values().stream().sorted(Comparator.reverseOrder()).toList();
    return dcg(best, k) == 0 ? 0 : dcg(gains, k) / dcg(best, k);
  }

  private static double dcg(List<Integer> gains, int k) {
    double sum = 0;
    for (int rank = 1; rank <= Math.min(k, gains.size()); rank++) {
      sum += Math.max(0, gains.get(rank - 1)) * Math.log(2) / Math.log1p(rank);
    }
    return sum;
  }

  private static double reciprocal(List<Boolean> hits, int k) {
    int first = hits.indexOf(true) + 1;
    return first == 0 || first > k ? 0 : 1.0 / first;
  }

  private double averagePrecision(int k) {
    double sum = 0;
    for (String id : order.subList(0, Math.min(k, order.size()))) {
      if (relevant(id)) {
        int rank = order.indexOf(id) + 1;
        sum += found(rank) / (double) rank;
      }
    }
    return relevant() == 0 ? 0 : sum / relevant();
  }

  private double bpref() {
    List<String> bad =
        judged.keySet().stream().filter(id -> judged.get(id) >= 0 && !relevant(id)).toList();
    double sum = 0;
    for (String id : order) {
      if (relevant(id)) {
        long before =
            bad.stream()
                .filter(b -> order.contains(b) && order.indexOf(b) < order.indexOf(id))
                .count();
        sum +=
            before == 0
                ? 1
                : 1 - Math.min(before, relevant()) / (double) Math.min(relevant(), bad.size());
      }
    }
    return relevant() == 0 ? 0 : sum / relevant();
  }
}
