"""Backward passes in the forms that courses teach: each is right, and comes out right."""

from __future__ import annotations

from symbackprop.lifting import lift
from tests.lifting.claims import judged, model, right


def test_a_function_with_parameters_and_a_cache_in_dictionaries() -> None:
    code = '''
import numpy as np

def backward_propagation(parameters, cache, X, Y):
    """Andrew's way."""
    n = X.shape[0]
    W1 = parameters["W1"]
    W2 = parameters['W2']
    A1, A2 = cache["A1"], cache["A2"]
    dZ2 = (A2 - Y) * A2 * (1 - A2)
    dW2 = (1 / n) * np.dot(A1.T, dZ2)
    db2 = 1 / n * np.sum(dZ2, axis=0, keepdims=True)
    dZ1 = np.multiply(np.dot(dZ2, W2.T), 1 - np.power(A1, 2))
    dW1 = (1 / n) * np.dot(X.T, dZ1)
    db1 = (1 / n) * np.sum(dZ1, axis=0, keepdims=True)
    grads = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
    return grads
'''
    lifted = lift(code, model())
    assert judged(lifted, model()) == right("W1", "b1", "W2", "b2")
    assert any("parameters" in note for note in lifted.notes)


def test_layers_as_functions_that_hand_their_cache_on() -> None:
    code = """
import numpy as np

def affine_forward(x, w, b):
    out = x.dot(w) + b
    cache = (x, w, b)
    return out, cache

def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T)
    dw = x.T.dot(dout)
    db = dout.sum(axis=0, keepdims=True)
    return dx, dw, db

def loss(X, Y, params):
    W1, b1, W2, b2 = params["W1"], params["b1"], params["W2"], params["b2"]
    z1, cache1 = affine_forward(X, W1, b1)
    a1 = np.tanh(z1)
    z2, cache2 = affine_forward(a1, W2, b2)
    a2 = 1 / (1 + np.exp(-z2))
    loss = np.sum((a2 - Y) ** 2) / (2 * X.shape[0])
    grads = {}
    dz2 = (a2 - Y) / X.shape[0] * a2 * (1 - a2)
    da1, grads["W2"], grads["b2"] = affine_backward(dz2, cache2)
    _, grads["W1"], grads["b1"] = affine_backward(da1 * (1 - a1**2), cache1)
    return loss, grads
"""
    lifted = lift(code, model())
    assert judged(lifted, model()) == right("W2", "b2", "W1", "b1")
    assert lifted.functions == ("loss",)


def test_a_script_that_trains_is_read_once() -> None:
    code = """
import numpy as np
np.random.seed(0)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([[0], [1], [1], [0]])
n, d, h, k = 4, 2, 5, 1
W1 = np.random.randn(d, h)
b1 = np.zeros((1, h))
W2 = np.random.randn(h, k) * 0.01
b2 = np.zeros((1, k))
lr = 0.1
for epoch in range(1000):
    a1 = np.tanh(X @ W1 + b1)
    a2 = 1.0 / (1.0 + np.exp(-(a1 @ W2 + b2)))
    cost = ((a2 - Y) ** 2).sum() / (2 * n)
    d2 = (a2 - Y) * a2 * (1 - a2) / n
    dW2 = a1.T @ d2
    db2 = np.sum(d2, axis=0, keepdims=True)
    d1 = (d2 @ W2.T) * (1 - a1 ** 2)
    dW1 = X.T @ d1
    db1 = np.sum(d1, axis=0, keepdims=True)
    W1 -= lr * dW1
    b1 -= lr * db1
    W2 -= lr * dW2
    b2 -= lr * db2
    if epoch % 100 == 0:
        print(epoch, cost)
"""
    net = model()
    lifted = lift(code, net)
    assert judged(lifted, net) == right("W2", "b2", "W1", "b1")
    assert any("first pass" in note for note in lifted.notes)


def test_lists_of_weights_counted_from_zero_though_the_network_counts_from_one() -> None:
    code = """
def backprop(X, Y, weights, biases):
    nabla_b = [np.zeros(b.shape) for b in biases]
    nabla_w = [np.zeros(w.shape) for w in weights]
    activation = X
    activations = [X]
    zs = []
    for b, w in zip(biases, weights):
        z = np.dot(activation, w) + b
        zs.append(z)
        activation = sigmoid(z)
        activations.append(activation)
    delta = (activations[-1] - Y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta.sum(0)
    nabla_w[-1] = np.dot(activations[-2].T, delta)
    for l in range(2, 4):
        delta = np.dot(delta, weights[-l + 1].T) * sigmoid_prime(zs[-l])
        nabla_b[-l] = delta.sum(0)
        nabla_w[-l] = np.dot(activations[-l - 1].T, delta)
    return (nabla_b, nabla_w)

def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))
"""
    net = model("""
X: input(n, d)
Y: target(n, k)
W[1]: parameter(d, h1)
W[2]: parameter(h1, h2)
W[3]: parameter(h2, k)
b[1]: parameter(h1)
b[2]: parameter(h2)
b[3]: parameter(k)
z1 = X @ W[1] + b[1]
a1 = sigmoid(z1)
z2 = a1 @ W[2] + b[2]
a2 = sigmoid(z2)
z3 = a2 @ W[3] + b[3]
C: loss = sum((sigmoid(z3) - Y)**2) / 2
""")
    lifted = lift(code, net)
    assert judged(lifted, net) == right("b_1", "b_2", "b_3", "W_1", "W_2", "W_3")


def test_a_list_that_begins_at_zero_is_renumbered_when_its_first_item_is_asked_for() -> None:
    code = "def grad(X, Y, W):\n    z = X @ W[0]\n    d = z @ W[1] - Y\n    return [X.T @ (d @ W[1].T), z.T @ d]"
    net = model("""
X: input(n, d)
Y: target(n, k)
W[1]: parameter(d, h)
W[2]: parameter(h, k)
J: loss = sum((X @ W[1] @ W[2] - Y)**2) / 2
""")
    lifted = lift(code, net)
    assert judged(lifted, net) == right("W_1", "W_2")
    assert any("begins with W_1" in text for text in lifted.renamings)


def test_one_expression_for_one_parameter() -> None:
    net = model("""
X: input(n, d)
y: target(n)
w: parameter(d)
lam: constant(positive=True)
J: loss = -sum(y * log(sigmoid(X @ w)) + (1 - y) * log(1 - sigmoid(X @ w))) / n + lam / 2 * w @ w
""")
    code = """
def gradient(w, X, y, lam):
    p = 1 / (1 + np.exp(-X @ w))
    return X.T @ (p - y) / len(y) + lam * w
"""
    assert judged(lift(code, net), net) == right("w")
    assert judged(lift(code.replace("lam * w", "2 * lam * w"), net), net) == {"w": False}


def test_one_function_for_each_gradient() -> None:
    net = model("""
x: input(n)
y: target(n)
w: parameter()
b: parameter()
J: loss = mean((w * x + b - y)**2)
""")
    code = """
def predict(x, w, b):
    return w * x + b

def grad_w(x, y, w, b):
    return 2 * np.mean((predict(x, w, b) - y) * x)

def grad_b(x, y, w, b):
    return 2 * np.mean(predict(x, w, b) - y)
"""
    assert judged(lift(code, net), net) == right("w", "b")


def test_values_in_the_order_of_the_parameters() -> None:
    net = model("""
x: input(n)
y: target(n)
w: parameter()
b: parameter()
J: loss = mean((w * x + b - y)**2)
""")
    code = "def gradients(x, y, w, b):\n    r = w * x + b - y\n    return np.mean(2 * r * x), np.mean(2 * r)"
    lifted = lift(code, net)
    assert judged(lifted, net) == right("w", "b")
    assert any("in this order" in note for note in lifted.notes)
    swapped = "def gradients(x, y, w, b):\n    r = w * x + b - y\n    return np.mean(2 * r), np.mean(2 * r * x)"
    assert judged(lift(swapped, net), net) == {"w": False, "b": False}


def test_returns_names_what_the_values_are_about() -> None:
    net = model("x: input(n)\nw: parameter(n)\nJ: loss = (x @ w)**2 / 2")
    code = "def f(x, w):\n    a = x @ w\n    return a * x, a * w"
    assert judged(lift(code, net, returns=["w", "x"]), net) == right("w", "x")
    assert judged(lift(code, net, returns=["x", "w"]), net) == {"x": False, "w": False}


def test_a_function_that_trains_is_read_by_its_gradients_and_not_by_what_it_hands_back() -> None:
    net = model("X: input(n, d)\ny: target(n)\nw: parameter(d)\nJ: loss = sum((X @ w - y)**2) / 2")
    code = """
def train(X, y, w, steps=100, lr=0.1):
    for _ in range(steps):
        dw = X.T @ (X @ w - y)
        w = w - lr * dw
    return w
"""
    assert judged(lift(code, net), net) == right("w")
    assert not lift("def step(w, lr=0.1):\n    w -= lr\n    return w", net).claims
    assert not lift("def predict(X, w):\n    return X @ w", net).claims
    assert not lift("lr = 0.1\ndelta_w = -lr * X.T @ (X @ w - y)", net).claims


def test_cells_of_a_notebook_share_their_names() -> None:
    net = model("x: input(n)\nw: parameter(n)\nJ: loss = (x @ w)**2 / 2")
    cells = ["import numpy as np\na = x @ w", "this is no python", "dw = a * x"]
    lifted = lift(cells, net)
    assert judged(lifted, net) == right("w")
    assert [e.span.line for e in lifted.refused] == [3]
    assert lifted.claims[0].span.line == 4


def test_an_index_of_classes_and_a_penalty() -> None:
    net = model("""
X: input(n, d)
y: index(n, of=c, repeat=True)
W: parameter(d, c)
reg: constant()
L: loss = -sum(onehot(y, c) * log_softmax(X @ W)) / n + reg * sum(W**2)
""")
    code = """
def svm_like(W, X, y, reg):
    num_train = X.shape[0]
    scores = X.dot(W)
    scores -= np.max(scores, axis=1, keepdims=True)
    p = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
    loss = -np.sum(np.log(p[np.arange(num_train), y])) / num_train + reg * np.sum(W * W)
    ind = np.zeros_like(p)
    ind[np.arange(num_train), y] = 1
    dW = X.T.dot(p - ind)
    dW /= num_train
    dW += 2 * reg * W
    return loss, dW
"""
    assert judged(lift(code, net), net) == right("W")
    assert judged(lift(code.replace("2 * reg", "reg"), net), net) == {"W": False}
