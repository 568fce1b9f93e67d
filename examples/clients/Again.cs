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
/// Everything else passes.
/// </summary>
public sealed class Again : DelegatingHandler
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>What an error says that is there for a moment: docs/idempotency.md.</summary>
    private static readonly string[] Passing =
        { "origin_unavailable", "outcome_unknown", "rate_limited", "overloaded", "auth_unavailable" };

    public Again(HttpMessageHandler inner) : base(inner) { }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancelled)
    {
        byte[] body = request.Method == HttpMethod.Post && request.Content != null
            ? await request.Content.ReadAsByteArrayAsync().ConfigureAwait(false)
            : new byte[0];
        List<XElement> sent = Messages(body);
        if (sent.Count == 0 || sent.Any(message => IsOf(message, "subscriptions/listen"))) // Whose answer lasts.
            return await base.SendAsync(request, cancelled).ConfigureAwait(false);
        string key = sent.Any(message => IsOf(message, "tools/call")) && !request.Headers.Contains("Idempotency-Key")
            ? Guid.NewGuid().ToString()
            : null;
        DateTime end = DateTime.UtcNow + Limit;
        for (int pause = 20; ; pause = Math.Min(2 * pause, 1000))
        {
            HttpResponseMessage response = null;
            TimeSpan wait = TimeSpan.Zero;
            try
            {
                response = await base.SendAsync(Copy(request, body, key), cancelled).ConfigureAwait(false);
                // A stream too is read whole: one that breaks is no answer.
                byte[] answer = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
                wait = response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;
                if ((wait == TimeSpan.Zero && IsFinal(sent, response, answer)) || DateTime.UtcNow + wait > end)
                {
                    response.RequestMessage = request;
                    return response;
                }
            }
            catch (Exception e) when (IsBroken(e) && !cancelled.IsCancellationRequested && DateTime.UtcNow <= end) { }
            response?.Dispose();
            TimeSpan least = TimeSpan.FromMilliseconds(pause);
            await Task.Delay(wait > least ? wait : least, cancelled).ConfigureAwait(false);
        }
    }

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
