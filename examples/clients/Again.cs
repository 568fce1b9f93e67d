using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using System.Xml;
using System.Xml.Linq;

/// <summary>
/// A handler for HttpClient that sends each JSON-RPC request again until it is answered, for 5 minutes, and each tools/call under a key.
/// Everything else passes. It is for a server that keeps Idempotency-Keys, as MCPist does: another server runs a call once for each
/// sending.
/// </summary>
public sealed class Again : DelegatingHandler
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Of one sending with its whole answer: nothing may ever come on a broken connection.</summary>
    private static readonly TimeSpan SendingLimit = TimeSpan.FromMinutes(2);

    private const int MostRefused = 100;

    /// <summary>What an error says that is there for a moment: docs/idempotency.md.</summary>
    private static readonly string[] Passing =
        { "origin_unavailable", "outcome_unknown", "rate_limited", "overloaded", "auth_unavailable" };

    /// <summary>The calls that were answered with 401 or 403, the oldest first. A library that has signed in sends them again.</summary>
    private readonly List<Refusal> refused = new List<Refusal>();

    public Again(HttpMessageHandler inner) : base(inner) { }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancelled)
    {
        byte[] body = request.Method == HttpMethod.Post && request.Content != null
            ? await request.Content.ReadAsByteArrayAsync().ConfigureAwait(false)
            : new byte[0];
        List<XElement> sent = Messages(body);
        if (sent.Count == 0 || sent.Any(message => IsOf(message, "subscriptions/listen"))) // Whose answer lasts.
            return await base.SendAsync(request, cancelled).ConfigureAwait(false);
        string call = Place(request) + "\n" + Encoding.UTF8.GetString(body);
        bool makesKey = sent.Any(message => IsOf(message, "tools/call")) && !request.Headers.Contains("Idempotency-Key");
        string key = makesKey ? TakeRefused(call) ?? Guid.NewGuid().ToString() : null;
        DateTime end = DateTime.UtcNow + Limit;
        for (int pause = 20; ; pause = Math.Min(2 * pause, 1000))
        {
            HttpResponseMessage response = null;
            TimeSpan wait = TimeSpan.Zero;
            try
            {
                response = await SendWhole(Copy(request, body, key), cancelled).ConfigureAwait(false);
                byte[] answer = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
                wait = response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;
                if ((wait == TimeSpan.Zero && IsFinal(sent, response, answer)) || DateTime.UtcNow + wait > end)
                {
                    if (key != null && ((int)response.StatusCode == 401 || (int)response.StatusCode == 403)) KeepRefused(call, key);
                    response.RequestMessage = request;
                    return response;
                }
            }
            catch (Exception e) when (IsBroken(e) && DateTime.UtcNow <= end) { }
            response?.Dispose();
            TimeSpan least = TimeSpan.FromMilliseconds(pause);
            await Task.Delay(wait > least ? wait : least, cancelled).ConfigureAwait(false);
        }
    }

    /// <summary>Sends it once, and reads the answer whole: a stream that breaks is no answer.</summary>
    private async Task<HttpResponseMessage> SendWhole(HttpRequestMessage request, CancellationToken cancelled)
    {
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(cancelled))
        {
            ended.CancelAfter(SendingLimit);
            try
            {
                HttpResponseMessage response = await base.SendAsync(request, ended.Token).ConfigureAwait(false);
                // An answer that is being read ends with its connection.
                using (ended.Token.Register(response.Dispose)) await response.Content.LoadIntoBufferAsync().ConfigureAwait(false);
                return response;
            }
            catch (Exception) when (ended.IsCancellationRequested)
            {
                cancelled.ThrowIfCancellationRequested();
                throw new HttpRequestException("No whole answer in " + SendingLimit);
            }
        }
    }

    private sealed class Refusal
    {
        internal string Call;
        internal string Key;
        internal DateTime Until;
    }

    /// <summary>The key under which this call was refused; null without one.</summary>
    private string TakeRefused(string call)
    {
        lock (refused)
        {
            refused.RemoveAll(refusal => refusal.Until < DateTime.UtcNow);
            Refusal found = refused.Find(refusal => refusal.Call == call);
            refused.Remove(found);
            return found?.Key;
        }
    }

    private void KeepRefused(string call, string key)
    {
        lock (refused)
        {
            if (refused.Count == MostRefused) refused.RemoveAt(0);
            refused.Add(new Refusal { Call = call, Key = key, Until = DateTime.UtcNow + Limit });
        }
    }

    private static string Place(HttpRequestMessage request) =>
        request.RequestUri + "\n" + (request.Headers.TryGetValues("Mcp-Session-Id", out var session) ? session.First() : "");

    private static bool IsBroken(Exception e) => e is HttpRequestException || e is IOException || e is WebException;

    /// <summary>A message can be sent once only.</summary>
    private static HttpRequestMessage Copy(HttpRequestMessage request, byte[] body, string key)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri)
        {
            Version = request.Version,
            Content = new ByteArrayContent(body),
        };
        foreach (var header in request.Headers) copy.Headers.TryAddWithoutValidation(header.Key, header.Value);
        foreach (var header in request.Content.Headers) copy.Content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        if (key != null) copy.Headers.Add("Idempotency-Key", key);
        return copy;
    }

    /// <summary>Whether a response is an answer to all of these requests.</summary>
    private static bool IsFinal(List<XElement> sent, HttpResponseMessage response, byte[] body)
    {
        int status = (int)response.StatusCode;
        if (status == 429 || status >= 500) return false;
        bool events = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        List<XElement> answers = (events ? Events(Encoding.UTF8.GetString(body)).SelectMany(Messages) : Messages(body))
            .Where(message => message.Element("result") != null || message.Element("error") != null)
            .ToList();
        return status >= 300 || sent
            .Where(message => message.Element("id") != null && message.Element("method") != null)
            .All(request => answers.Any(answer => Ends(answer, request)));
    }

    /// <summary>An error without an id is about all that was sent.</summary>
    private static bool Ends(XElement answer, XElement request)
    {
        XElement id = answer.Element("id");
        bool mine = id == null || (string)id.Attribute("type") == "null" || XNode.DeepEquals(id, request.Element("id"));
        return mine && !MayBeSentAgain(request, answer.Element("error")?.Element("data"));
    }

    /// <summary>
    /// Whether an error is for a moment, and a further sending is safe: it is for all that only reads, and under a key that is kept.
    /// </summary>
    private static bool MayBeSentAgain(XElement request, XElement data) =>
        Passing.Contains((string)data?.Element("code"))
        && (!IsOf(request, "tools/call") || data.Element("idempotencyKey") != null || (string)data.Element("effect") == "none");

    private static bool IsOf(XElement message, string method) => (string)message.Element("method") == method;

    /// <summary>The JSON-RPC messages of a body; none where it is something else.</summary>
    private static List<XElement> Messages(byte[] json)
    {
        try
        {
            using (XmlReader reader = JsonReaderWriterFactory.CreateJsonReader(json, XmlDictionaryReaderQuotas.Max))
            {
                XElement found = XElement.Load(reader);
                bool batch = (string)found.Attribute("type") == "array";
                return (batch ? found.Elements() : new[] { found }).Where(m => (string)m.Element("jsonrpc") == "2.0").ToList();
            }
        }
        catch (Exception e) when (e is XmlException || e is FormatException || e is InvalidOperationException)
        {
            return new List<XElement>();
        }
    }

    /// <summary>The data of each event. One without its blank line was cut off.</summary>
    private static IEnumerable<byte[]> Events(string stream)
    {
        string[] parts = Regex.Replace(stream, "\r\n?", "\n").Split(new[] { "\n\n" }, StringSplitOptions.None);
        return parts
            .Take(parts.Length - 1)
            .Select(part => part.Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal)))
            .Select(lines => string.Join("\n", lines.Select(line => line.Substring("data:".Length).TrimStart(' '))))
            .Select(Encoding.UTF8.GetBytes);
    }
}
