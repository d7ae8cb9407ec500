package io.chasqui.index;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** A file layer whose calls pass through a test's hands. */
final class Intercepted {
  private Intercepted() {}

  /** A call on its way. */
  interface Call {
    Object proceed() throws Throwable;
  }

  /** Does something before or after a call, or instead of it. */
  interface Interceptor {
    Object intercept(String method, Call call) throws Throwable;
  }

  static FileLayer layer(FileLayer files, Interceptor interceptor) {
    return (FileLayer)
        Proxy.newProxyInstance(
            FileLayer.class.getClassLoader(),
            new Class<?>[] {FileLayer.class},
            (proxy, method, arguments) ->
                interceptor.intercept(method.getName(), () -> call(files, method, arguments)));
  }

  private static Object call(FileLayer files, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(files, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
